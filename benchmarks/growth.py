"""What a sample costs as a run grows: wall time, CPU time and memory, from 164 samples to 164,000.

    python benchmarks/growth.py [--samples-per-problem 1,10,100,1000] [--source recorded,server]
                                [--results FILE]

Each size is a pytest run of its own over all 164 problems, with a JSON report. "recorded" reads a samples
file made of the canonical solutions; "server" asks a stub server, in a process of its own that is not
counted, for as many choices of each prompt. Every sample is another program of about 0.5 KB, as a model's
are. Printed are the wall time and how it is spent (until the first candidate ran, until the last one ended,
until the end), CPU time and peak memory of the pytest process, and of all processes together
(``process_tree.py``).
``--results`` also puts them into a JSON file, which ``growth_figure.py`` draws.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from process_tree import used
from result_file import save

from pytest_humaneval.core.datasets import read_problems
from tests.support.stub_process import stub_process

_RUN = """
import resource, sys, time
import pytest
from pytest_humaneval.sandbox.pool import PooledSandbox

began_s, path, run = float(sys.argv[1]), sys.argv[2], PooledSandbox.run
first_s = last_s = None
def timed_run(self, candidate):
    global first_s, last_s
    first_s = first_s or time.monotonic() - began_s
    try:
        return run(self, candidate)
    finally:
        last_s = time.monotonic() - began_s
PooledSandbox.run = timed_run
status = pytest.main(sys.argv[3:])
own = resource.getrusage(resource.RUSAGE_SELF)
open(path, "w").write(f"[{first_s}, {last_s}, {own.ru_utime + own.ru_stime}, {own.ru_maxrss / 1024}]")
sys.exit(status)
"""


_MEASURED = ("first_s", "last_s", "pytest_cpu_s", "pytest_mib")
"""What is measured within the pytest process."""


class Size(NamedTuple):
    """One run.

    Attributes:
        source: where its samples came from.
        samples: how many.
        wall_s: from start to end.
        first_s: until the first candidate ran.
        last_s: until the last one had been judged.
        cpu_s: CPU time of all processes.
        pytest_cpu_s: CPU time of the pytest process.
        pytest_mib: peak memory of the pytest process.
        all_mib: peak memory of all processes together.
        report_mib: size of the JSON report.
    """

    source: str
    samples: int
    wall_s: float
    first_s: float
    last_s: float
    cpu_s: float
    pytest_cpu_s: float
    pytest_mib: float
    all_mib: float
    report_mib: float


def main() -> None:
    """Measure each size of each source in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples-per-problem", default="1,10,100,1000", help="sizes")
    parser.add_argument("--source", default="recorded,server")
    parser.add_argument("--results", type=Path, help="a JSON file to write")
    chosen = parser.parse_args()
    print(" ".join(f"{name:>12}" for name in Size._fields))
    sizes = []
    for source in chosen.source.split(","):
        for per_problem in map(int, chosen.samples_per_problem.split(",")):
            with tempfile.TemporaryDirectory(prefix="humaneval-growth-") as folder:
                sizes.append(_measured(source, per_problem, Path(folder)))
            values = (each if isinstance(each, (str, int)) else f"{each:.2f}" for each in sizes[-1])
            print(" ".join(f"{value:>12}" for value in values), flush=True)
            if chosen.results:
                save(chosen.results, {"sizes": [size._asdict() for size in sizes]})


def _measured(source: str, per_problem: int, folder: Path) -> Size:
    with (_recorded if source == "recorded" else _served)(folder, per_problem) as flags:
        command = [
            sys.executable,
            "-c",
            _RUN,
            str(time.monotonic()),
            "times.json",
            "-q",
            "-pno:cacheprovider",
        ]
        report = folder / "report.json"
        usage = used([*command, *flags, f"--humaneval-report={report}"], folder, {}, folder / "log")
    (run,) = json.loads(report.read_text())["experiments"].values()
    count = per_problem * run["problems"]
    if run["outcomes"] != {"passed": count}:
        raise SystemExit(f"not all of {count} canonical solutions passed: {run['outcomes']}")
    measured = dict(zip(_MEASURED, json.loads((folder / "times.json").read_text()), strict=True))
    whole = {"wall_s": usage.wall_s, "cpu_s": usage.cpu_s, "all_mib": usage.peak_mib}
    return Size(source, count, report_mib=report.stat().st_size / 2**20, **whole, **measured)


@contextmanager
def _recorded(folder: Path, per_problem: int) -> Iterator[list[str]]:
    """Write a samples file; yield the flags that read it."""
    letters = random.Random(0)  # noqa: S311 - filler text
    with (folder / "samples.jsonl").open("w", encoding="utf-8") as out:
        for index in range(per_problem):
            for problem in read_problems():
                filler = f"# {index} {''.join(letters.choices('abcdefghij ', k=300))}\n"
                row = {"task_id": problem.task_id, "completion": f"{problem.canonical_solution}\n{filler}"}
                out.write(json.dumps(row) + "\n")
    yield ["--humaneval-samples=samples.jsonl"]


@contextmanager
def _served(folder: Path, per_problem: int) -> Iterator[list[str]]:
    """Start a stub server; yield the flags that ask it."""
    with stub_process("--canonical", "--distinct") as server:
        (folder / "experiments.toml").write_text(
            f"""
            [servers.stub]
            base_url = "{server.base_url}"
            model = "stub"

            [experiments.growth]
            server = "stub"
            api = "chat"
            strategy = "qwen_instruct"
            n = {per_problem}
            temperature = 0.8
            """
        )
        yield ["--humaneval-experiment=growth"]


if __name__ == "__main__":
    main()

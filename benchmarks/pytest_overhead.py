"""What the plugin costs pytest: unused, and over a run of the canonical solutions.

    python benchmarks/pytest_overhead.py [--rounds 7]

Each figure is a median of several rounds, and each round measures everything in another order. Prints

- how much longer ``pytest --collect-only`` takes in an empty folder with the plugin than without;
- the wall time of ``pytest --humaneval-experiment=canonical`` as a multiple of its yardstick: pytest over 164
  empty tests, plus the canonical solutions' own CPU time (in one warm interpreter) over the cores.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from statistics import median

from pytest_humaneval.core.datasets import read_problems

# Both plugins would add the same to every figure: files of pytest's cache, and the import of hypothesis.
_QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def pytest_seconds(folder: Path, *args: str) -> float:
    """Return the wall time of a pytest run in a folder."""
    start = time.perf_counter()
    subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-m", "pytest", *_QUIET, *args], cwd=folder, check=False, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def canonical_cpu_seconds() -> float:
    """Return the CPU time of all canonical solutions and their tests in this interpreter."""
    start = time.process_time()
    for problem in read_problems():
        program = (
            f"{problem.prompt}{problem.canonical_solution}\n{problem.test}\ncheck({problem.entry_point})"
        )
        exec(program, {"__name__": "candidate"})  # noqa: S102 (the dataset's own code)
    return time.process_time() - start


def shuffled_rounds(names: Collection[str], rounds: int) -> Iterator[str]:
    """Yield every name once a round, each round in another order."""
    # A machine that is shared gets slower and faster in the course of a benchmark: in a fixed order that
    # would look like a difference between what is compared.
    for _ in range(rounds):
        yield from random.sample(sorted(names), len(names))


def medians(rounds: int, **measured: Callable[[], float]) -> dict[str, float]:
    """Measure everything once a round, each round in another order; return the median of each."""
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for name in shuffled_rounds(measured, rounds):
        seconds[name].append(measured[name]())
    return {name: median(values) for name, values in seconds.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What the plugin costs pytest.")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        empty, tests = Path(name) / "empty", Path(name) / "tests"
        empty.mkdir()
        tests.mkdir()
        (tests / "test_empty.py").write_text("".join(f"def test_{i}(): pass\n" for i in range(164)))
        found = medians(
            rounds,
            without=lambda: pytest_seconds(empty, "--co", "-p", "no:humaneval"),
            unused=lambda: pytest_seconds(empty, "--co"),
            empty_tests=lambda: pytest_seconds(tests, "-p", "no:humaneval"),
            canonical=lambda: pytest_seconds(empty, "--humaneval-experiment=canonical"),
            cpu=canonical_cpu_seconds,
        )
    yardstick = found["empty_tests"] + found["cpu"] / cores
    print(f"unused:    {1000 * (found['unused'] - found['without']):+.0f} ms on {found['without']:.2f} s")
    print(f"canonical: {found['canonical'] / yardstick:.2f} x the yardstick")
    print(
        f"           {found['canonical']:.2f} s; 164 empty tests {found['empty_tests']:.2f} s, "
        f"CPU time {found['cpu']:.2f} s on {cores} cores"
    )


if __name__ == "__main__":
    main()

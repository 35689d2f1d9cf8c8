"""Peak memory of the pytest process against the number of samples: it must stay flat.

    python benchmarks/memory.py [--samples-per-problem 1,50,200] [--same]

Scores samples files made of the canonical solutions, each line another program, in a pytest of its own;
prints for each size the process's peak resident memory (``ru_maxrss`` of itself, without its children), how
long it took until the first candidate ran, and what a sample costs beyond the smallest size.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pytest_humaneval.core.datasets import read_problems

_RUN = """
import resource, sys, time
import pytest
from pytest_humaneval.sandbox.pool import PooledSandbox

began_s, first_s, run = float(sys.argv[1]), [], PooledSandbox.run
def timed_run(self, candidate):
    if not first_s:
        first_s.append(time.monotonic() - began_s)
    return run(self, candidate)
PooledSandbox.run = timed_run
status = pytest.main(sys.argv[2:])
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("measured", int(status), peak_kib, first_s[0] if first_s else -1.0, time.monotonic() - began_s)
"""


def main() -> None:
    """Measure each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples-per-problem", default="1,50,200", help="sizes, smallest first")
    parser.add_argument("--same", action="store_true", help="all samples of a problem are one program")
    arguments = parser.parse_args()
    smallest: tuple[int, float] | None = None
    print(f"{'samples':>8} {'peak MiB':>9} {'first run s':>12} {'wall s':>8} {'bytes/sample':>13}")
    for size in map(int, arguments.samples_per_problem.split(",")):
        with tempfile.TemporaryDirectory(prefix="humaneval-memory-") as folder:
            count = _write_samples(Path(folder) / "samples.jsonl", size, is_same=arguments.same)
            peak_kib, first_s, wall_s = _measure(Path(folder))
        smallest = smallest or (count, peak_kib)
        more = count - smallest[0]
        growth = f"{(peak_kib - smallest[1]) * 1024 / more:13.0f}" if more else f"{'-':>13}"
        print(f"{count:8} {peak_kib / 1024:9.1f} {first_s:12.2f} {wall_s:8.1f} {growth}", flush=True)


def _write_samples(path: Path, per_problem: int, *, is_same: bool) -> int:
    """Write a samples file; return how many lines it has. Every line is about 0.5 KB, as a model's are."""
    letters = random.Random(0)  # noqa: S311 - filler text
    problems = read_problems()
    with path.open("w", encoding="utf-8") as out:
        for index in range(per_problem):
            for problem in problems:
                filler = "" if is_same else f"# {index} {''.join(letters.choices('abcdefghij ', k=300))}\n"
                row = {"task_id": problem.task_id, "completion": problem.canonical_solution + "\n" + filler}
                out.write(json.dumps(row) + "\n")
    return per_problem * len(problems)


def _measure(folder: Path) -> tuple[float, float, float]:
    """Run pytest over the folder's samples.

    Returns:
        Its peak memory in KiB, and the seconds until the first candidate ran and until the end.
    """
    # The clock is passed on as text: CLOCK_MONOTONIC is one and the same in both processes.
    flags: Sequence[str] = ("-q", "-p", "no:cacheprovider", f"--rootdir={folder}", "--humaneval-samples")
    command = [sys.executable, "-c", _RUN, str(time.monotonic()), *flags, str(folder / "samples.jsonl")]
    command.append(f"--humaneval-report={folder / 'report.json'}")
    completed = subprocess.run(  # noqa: S603 - this script's own command
        command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False, timeout=1800
    )
    measured = [line.split() for line in completed.stdout.splitlines() if line.startswith("measured ")]
    if not measured or measured[0][1] != "0":
        raise SystemExit(f"the run failed:\n{completed.stdout[-2000:]}\n{completed.stderr[-2000:]}")
    report = json.loads((folder / "report.json").read_text())
    (run,) = report["experiments"].values()
    if run["passed"] != run["problems"]:
        raise SystemExit(f"not all canonical solutions passed: {run['outcomes']}")
    _, _, peak_kib, first_s, wall_s = measured[0]
    return float(peak_kib), float(first_s), float(wall_s)


if __name__ == "__main__":
    main()

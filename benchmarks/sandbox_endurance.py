"""Check that a sandbox does not grow over many candidates, and judges rightly on a busy machine.

    python benchmarks/sandbox_endurance.py --candidates 10000
    python benchmarks/sandbox_endurance.py --busy 64

The first prints memory, descriptors and processes of the sandbox at its start and its end; the second judges
the canonical solutions and some of each kind of failure beside spinning processes, and prints wrong verdicts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from sandbox_fidelity import PROBLEMS, canonical_of

from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

CANDIDATES = [canonical_of(row) for row in PROBLEMS.values()]
TEST = "def check(candidate):\n    assert candidate(1) == 2\n"
FAILURES = {
    "def f(n): return n": "wrong_answer",
    "def f(n): raise KeyError": "exception",
    "def f(n) return": "syntax_error",
    "def f(n):\n    while True: pass": "timeout",
    "import time\ndef f(n): time.sleep(1000)": "timeout",
    "def f(n): return len([0] * (1 << 28))": "memory",
    "import os\ndef f(n): os._exit(0)": "crashed",
}


def processes_below(pid: int) -> list[int]:
    """Return the process ids of all descendants of a process."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *processes_below(child)]
    return found


def holdings() -> str:
    """Return a line on the memory and descriptors of the processes below this one."""
    below = processes_below(os.getpid())
    descriptors = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in below]
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in below]
    memory_mib = [round(count * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 1) for count in pages]
    return f"{len(below)} processes, descriptors {descriptors}, resident MiB {memory_mib}"


def endure(count: int) -> None:
    """Judge many candidates in one sandbox of one worker."""
    with open_sandbox(Limits()) as sandbox:
        for candidate in CANDIDATES:
            sandbox.run(candidate)
        print(f"after {len(CANDIDATES)}: {holdings()}")
        began = time.perf_counter()
        wrong = 0
        for index in range(count):
            wrong += sandbox.run(CANDIDATES[index % len(CANDIDATES)]).outcome != "passed"
        seconds = time.perf_counter() - began
        print(f"after {count} more: {holdings()}")
        print(f"{wrong} wrong, {seconds:.1f} s, {seconds / count * 1e3:.2f} ms each")


def stay_right(busy: int) -> None:
    """Judge beside busy processes, and print the verdicts that are wrong."""
    with ExitStack() as stack:
        for _ in range(busy):
            spinner = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(spinner.kill)
        expected = [(candidate, "passed") for candidate in CANDIDATES]
        expected += [(Candidate(body, "f", "", TEST), outcome) for body, outcome in FAILURES.items()]
        began = time.perf_counter()
        with open_sandbox(Limits(), os.cpu_count() or 1) as sandbox, ThreadPoolExecutor(16) as threads:
            verdicts = list(threads.map(lambda pair: sandbox.run(pair[0]), expected))
        seconds = time.perf_counter() - began
    wrong = [
        (candidate.entry_point, outcome, verdict)
        for (candidate, outcome), verdict in zip(expected, verdicts, strict=True)
        if verdict.outcome != outcome
    ]
    print(
        f"{len(expected)} candidates beside {busy} busy processes: {len(wrong)} wrong, {seconds:.1f} s",
        *wrong,
    )


def main() -> None:
    """Run the checks that the options name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--candidates", type=int, default=0)
    parser.add_argument("--busy", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.candidates:
        endure(chosen.candidates)
    if chosen.busy:
        stay_right(chosen.busy)


if __name__ == "__main__":
    main()

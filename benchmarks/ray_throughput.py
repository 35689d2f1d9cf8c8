"""Compare the speed of a Ray cluster of one node with the fork server alone, in turns on the same candidates.

    RAY_AUTH_MODE=disabled python benchmarks/ray_throughput.py [--copies 200] [--rounds 3]

Both judge ``--copies`` times the 164 canonical solutions (200: 32,800) on all cores, once they have started.
The ratio is that of each round's two runs; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from sandbox_fidelity import PROBLEMS, canonical_of

from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

SOLUTIONS = [canonical_of(row) for row in PROBLEMS.values()]


def rate(sandbox: OpenedSandbox, candidates: list[Candidate]) -> float:
    """Return how many candidates a second are judged."""
    with ThreadPoolExecutor(sandbox.places) as threads:
        began = time.perf_counter()
        failed = sum(verdict.outcome != "passed" for verdict in threads.map(sandbox.run, candidates))
        seconds = time.perf_counter() - began
    assert not failed, f"{failed} canonical solutions failed"  # noqa: S101 -- or it measures nothing
    return len(candidates) / seconds


def main() -> None:
    """Measure in turns and print each round and the median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    candidates = SOLUTIONS * chosen.copies
    ratios = []
    for number in range(chosen.rounds):
        rates = {}
        for name in ("forkserver", "ray") if number % 2 else ("ray", "forkserver"):
            with open_sandbox(Limits(), None, name) as sandbox:
                rate(sandbox, SOLUTIONS)
                rates[name] = rate(sandbox, candidates)
        ratios.append(rates["ray"] / rates["forkserver"])
        line = ", ".join(f"{name} {each:.0f}/s" for name, each in sorted(rates.items()))
        print(f"round {number + 1}: {line}, ratio {ratios[-1]:.3f}", flush=True)
    print(
        f"{len(candidates)} candidates, {chosen.rounds} rounds: median ratio {statistics.median(ratios):.3f}"
    )
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

"""Compare ``pytest_humaneval.judge_many`` with the harness that it stands on, on the same recorded programs.

    python benchmarks/judge_many.py FILE.jsonl.gz [--field completion] [--jobs N] [--rounds N]

Both judge every program of the file, each round in another order. The harness is what a run of pytest judges
with, once with the start and the end of its processes (``executed``), once warm. Prints medians and ratios.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pytest_overhead import shuffled_rounds
from sandbox_fidelity import Row, candidate_of, recorded

import pytest_humaneval as ph
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Limits
from pytest_humaneval.evaluation.sandboxes import executed, execution_threads
from pytest_humaneval.sandbox import open_sandbox


def by_executed(programs: list[tuple[Row, str]], jobs: int | None) -> list[ph.Verdict]:
    """Return the verdicts of the harness, with the start and the end of its processes."""
    candidates = [candidate_of(*program) for program in programs]
    return executed(Settings(Path.cwd(), jobs=jobs), Limits(), candidates)


def by_judge_many(programs: list[tuple[Row, str]], jobs: int | None) -> list[ph.Verdict]:
    """Return the verdicts of the public function."""
    return ph.judge_many([(row["task_id"], program) for row, program in programs], jobs=jobs)


def main() -> None:
    """Measure each once a round, and print medians, ratios and how many passed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("samples")
    parser.add_argument("--field", default="completion", help="completion or solution")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    programs = recorded(chosen.samples, chosen.field)
    with open_sandbox(Limits(), chosen.jobs) as warm, execution_threads(warm) as threads:

        def by_warm_harness(programs: list[tuple[Row, str]], _jobs: int | None) -> list[ph.Verdict]:
            return list(threads.map(warm.run, (candidate_of(*program) for program in programs)))

        contenders: dict[str, Callable[[list[tuple[Row, str]], int | None], list[ph.Verdict]]] = {
            "executed": by_executed,
            "warm harness": by_warm_harness,
            "judge_many": by_judge_many,
        }
        walls_s: dict[str, list[float]] = {name: [] for name in contenders}
        passed: dict[str, int] = {}
        # What is warm is so before the first round.
        by_warm_harness(programs[:20], None)
        by_judge_many(programs[:20], chosen.jobs)
        for name in shuffled_rounds(contenders, chosen.rounds):
            began_s = time.perf_counter()
            verdicts = contenders[name](programs, chosen.jobs)
            walls_s[name].append(time.perf_counter() - began_s)
            passed[name] = sum(verdict.outcome is ph.Outcome.PASSED for verdict in verdicts)
    print(f"{len(programs)} programs, medians of {chosen.rounds} rounds")
    for name, walls in walls_s.items():
        extremes = f"{min(walls):.2f} to {max(walls):.2f}"
        print(f"{name:>13}: {median(walls):6.2f} s ({extremes}), {passed[name]} passed")
    for name in ("executed", "warm harness"):
        ratio = median(walls_s[name]) / median(walls_s["judge_many"])
        print(f"judge_many has {ratio:.2f} x the rate of {name}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()

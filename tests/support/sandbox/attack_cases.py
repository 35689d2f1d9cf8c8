"""The format of an attack corpus: what runs, beside what, within which limits, and which verdicts are right.

A line of a corpus is an object with these keys; all but the first five may be missing.

    id, category, does          its name, the kind of attack, and a sentence on what it does
    task_id, completion         the problem and what continues its prompt
    expected                    pass, fail, error or timeout: its true verdict
    accept                      what counts as right too; by default all but pass where pass is not expected
    accept_in                   {mode: {"accept": [...], "reason": "..."}}: what else a mode can only do
    modes                       the modes in which to run it; by default all
    then                        [{task_id, completion, expected}, ...]: judged next, in the same worker
    samples                     how many more copies are judged next, in the same worker
    beside                      as "then", but judged at the same time, each in a worker of its own
    first, jobs                 how many copies run, and how many of them at once
    timeout_s, memory_mib       limits of the sandbox
    hang_s                      after how many seconds it counts as hung
    peak_mib                    what all processes of the sandbox may hold at once
    kernel_mib                  what may be missing from the machine's memory meanwhile
    disk_mib                    what may be missing from the disk for temporary files meanwhile
    danger                      what it may do if nothing stops it: "low", "bounded", harm to the machine
                                ("jail") or to the harness, so that others would be judged wrongly ("harness")
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.support.sandbox.jails import MODES

CORPUS = Path(__file__).parents[2] / "sandbox" / "attacks.jsonl"
_NOT_PASSED = ("fail", "error", "timeout")
_LIMITS = ("timeout_s", "memory_mib", "hang_s", "peak_mib", "kernel_mib", "disk_mib")
_PLAIN = ("first", "jobs", *_LIMITS, "accept_in", "danger")


@dataclass(frozen=True)
class Program:
    """A candidate of a problem, and the verdicts that are right for it."""

    task_id: str
    completion: str
    accept: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One attack; the attributes are the keys above."""

    id: str
    program: Program
    then: tuple[Program, ...] = ()
    beside: tuple[Program, ...] = ()
    accept_in: dict[str, dict[str, Any]] = field(default_factory=dict)
    modes: tuple[str, ...] = MODES
    first: int = 1
    jobs: int = 1
    timeout_s: float = 1.5
    memory_mib: int = 1024
    hang_s: float = 30.0
    peak_mib: float = float("inf")
    danger: str = "low"
    kernel_mib: float = float("inf")
    disk_mib: float = float("inf")

    @property
    def is_measured(self) -> bool:
        """Whether it must run alone, because it is judged by the machine's free memory or disk."""
        return min(self.peak_mib, self.kernel_mib, self.disk_mib) < float("inf")

    def at_once(self) -> list[Program]:
        """Return the programs to start at once: copies of the first, different by a comment, and others."""
        return [*(_copies(self.program, self.first)), *self.beside]

    def accepted(self, program: Program, mode: str) -> tuple[str, ...]:
        """Return which verdicts on a program are right in a mode."""
        return (*program.accept, *self.accept_in.get(mode, {}).get("accept", ()))


def read_rows(path: Path = CORPUS) -> list[dict[str, Any]]:
    """Return the lines of a corpus."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def read_cases(path: Path = CORPUS) -> list[Case]:
    """Return the attacks of a corpus."""
    return list(map(case_of, read_rows(path)))


def case_of(row: dict[str, Any]) -> Case:
    """Return the attack that one line of a corpus describes."""
    program = _program(row)
    then = [_program({"expected": "pass", **other}) for other in row.get("then", ())]
    then += _copies(program, 1 + row.get("samples", 0))[1:]
    beside = tuple(_program({"expected": "pass", **other}) for other in row.get("beside", ()))
    plain = {name: row[name] for name in _PLAIN if name in row}
    return Case(row["id"], program, tuple(then), beside, modes=tuple(row.get("modes", MODES)), **plain)


def _copies(program: Program, count: int) -> list[Program]:
    comments = ["", *(f"\n# copy {number}\n" for number in range(1, count))]
    return [replace(program, completion=program.completion + comment) for comment in comments]


def _program(row: dict[str, Any]) -> Program:
    expected = row["expected"]
    accept = row.get("accept", [expected] if expected == "pass" else _NOT_PASSED)
    return Program(row["task_id"], row["completion"], tuple(accept))

"""Ablation of post-processing: what each step of each list is worth, on completions that are there already.

    variants(...)  every list as it is, and with each of its steps left out
    replay(...)    the program that each variant makes of each answer; equal programs are one
    effects(...)   with the verdicts of those programs: the passes, and who owes what to which step

Nothing is generated and nothing is executed here: the caller runs the distinct programs, each once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction import Step, extract
from pytest_humaneval.core.records import Completion, Stub

Steps = Sequence[str | Step]


@dataclass(frozen=True)
class ProblemCompletion:
    """A completion of a problem: the ``sample_index``-th (from 0)."""

    task_id: str
    sample_index: int
    stub: Stub
    completion: Completion


@dataclass(frozen=True)
class Variant:
    """A post-processing as it is configured, or without the step called ``left_out``."""

    postprocess: str
    left_out: str | None
    steps: tuple[str | Step, ...]


@dataclass(frozen=True)
class Program:
    """A program to be judged by a problem's test; ``sha256`` (hex) is its source's."""

    task_id: str
    sha256: str
    solution: str


@dataclass(frozen=True)
class Replay:
    """What each variant makes of the answers.

    Attributes:
        answers: the answers, in order.
        made: per variant, each answer's program, in the same order; None where there was no code.
    """

    answers: tuple[ProblemCompletion, ...]
    made: Mapping[Variant, tuple[Program | None, ...]]

    @property
    def programs(self) -> tuple[Program, ...]:
        """The distinct programs: all that has to be executed."""
        return tuple({program: None for programs in self.made.values() for program in programs if program})


@dataclass(frozen=True)
class Effect:
    """What came of a variant.

    Attributes:
        variant: which.
        passed: answers that passed.
        won: (task id, sample index) of what passes only with the step that was left out.
        lost: of what passes only without it.
    """

    variant: Variant
    passed: int
    won: tuple[tuple[str, int], ...] = ()
    lost: tuple[tuple[str, int], ...] = ()


def variants(postprocessings: Mapping[str, Steps]) -> tuple[Variant, ...]:
    """Return every post-processing as it is, followed by it without each of its steps in turn."""
    found = []
    for name, steps in postprocessings.items():
        found.append(Variant(name, None, tuple(steps)))
        for index, step in enumerate(steps):
            left_out = step if isinstance(step, str) else step.name
            found.append(Variant(name, left_out, (*steps[:index], *steps[index + 1 :])))
    return tuple(found)


def replay(answers: Sequence[ProblemCompletion], of: Sequence[Variant]) -> Replay:
    """Return the programs that variants make of answers."""
    made = {variant: tuple(_program(answer, variant) for answer in answers) for variant in of}
    return Replay(tuple(answers), made)


def _program(answer: ProblemCompletion, variant: Variant) -> Program | None:
    solution = extract(answer.completion, answer.stub, variant.steps).solution
    if solution is None:
        return None
    sha256 = hashlib.sha256(solution.encode("utf-8", "surrogatepass")).hexdigest()
    return Program(answer.task_id, sha256, solution)


def effects(replayed: Replay, passed: Collection[Program]) -> tuple[Effect, ...]:
    """Return what came of each variant, given the programs that passed."""
    passes = {
        variant: [program in passed for program in programs] for variant, programs in replayed.made.items()
    }
    whole = {variant.postprocess: flags for variant, flags in passes.items() if variant.left_out is None}
    return tuple(_effect(variant, flags, whole, replayed.answers) for variant, flags in passes.items())


def _effect(
    variant: Variant,
    flags: Sequence[bool],
    whole: Mapping[str, Sequence[bool]],
    answers: Sequence[ProblemCompletion],
) -> Effect:
    with_step = whole.get(variant.postprocess, flags)
    triples = list(zip(answers, with_step, flags, strict=True))
    return Effect(
        variant,
        sum(flags),
        won=tuple((a.task_id, a.sample_index) for a, with_it, without in triples if with_it and not without),
        lost=tuple((a.task_id, a.sample_index) for a, with_it, without in triples if without and not with_it),
    )

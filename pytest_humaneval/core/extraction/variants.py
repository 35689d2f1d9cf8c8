"""Ablation of post-processing: measure on existing completions what each step of each list contributes.

    variants(...)  every list as it is, and with each of its steps left out
    replay(...)    the program that each variant extracts from each completion; equal programs are one
    effects(...)   given which programs passed: the passes of each variant, and what each step won or lost

Nothing is generated and nothing is executed here: the caller runs the distinct programs, each once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction import Step, extract
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

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
    """A program to be judged by a problem's test; ``sha256`` is the hash of its source, in hex."""

    task_id: str
    sha256: str
    solution: str


@dataclass(frozen=True)
class Replay:
    """The programs that each variant extracts from the completions.

    Attributes:
        completions: the completions, in order.
        extracted: per variant, each completion's program, in the same order; None where there was no code.
    """

    completions: tuple[ProblemCompletion, ...]
    extracted: Mapping[Variant, tuple[Program | None, ...]]

    @property
    def programs(self) -> tuple[Program, ...]:
        """The distinct programs: all that has to be executed."""
        return tuple(
            {program: None for programs in self.extracted.values() for program in programs if program}
        )


@dataclass(frozen=True)
class Effect:
    """The passes of a variant, and the difference that its left-out step makes.

    Attributes:
        variant: the variant.
        passed: how many completions passed.
        won: (task id, sample index) of each completion that passes only with the step that was left out.
        lost: the same of each that passes only without it.
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


def replay(completions: Sequence[ProblemCompletion], of: Sequence[Variant]) -> Replay:
    """Return the programs that variants extract from completions."""
    extracted = {variant: tuple(_program(each, variant) for each in completions) for variant in of}
    return Replay(tuple(completions), extracted)


def _program(drawn: ProblemCompletion, variant: Variant) -> Program | None:
    solution = extract(drawn.completion, drawn.stub, variant.steps).solution
    if solution is None:
        return None
    # A model may write half of a surrogate pair, which plain UTF-8 refuses to encode.
    sha256 = hashlib.sha256(solution.encode("utf-8", "surrogatepass")).hexdigest()
    return Program(drawn.task_id, sha256, solution)


def effects(replayed: Replay, passed: Collection[Program]) -> tuple[Effect, ...]:
    """Return the effect of each variant, given the programs that passed."""
    passes = {
        variant: [program in passed for program in programs]
        for variant, programs in replayed.extracted.items()
    }
    whole = {variant.postprocess: flags for variant, flags in passes.items() if variant.left_out is None}
    return tuple(_effect(variant, flags, whole, replayed.completions) for variant, flags in passes.items())


def _effect(
    variant: Variant,
    flags: Sequence[bool],
    whole: Mapping[str, Sequence[bool]],
    completions: Sequence[ProblemCompletion],
) -> Effect:
    flags_with_step = whole.get(variant.postprocess, flags)
    triples = list(zip(completions, flags_with_step, flags, strict=True))
    return Effect(
        variant,
        sum(flags),
        won=tuple((c.task_id, c.sample_index) for c, with_it, without in triples if with_it and not without),
        lost=tuple((c.task_id, c.sample_index) for c, with_it, without in triples if without and not with_it),
    )

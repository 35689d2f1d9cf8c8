"""Extraction: from what a model said to a program, blind to the problem.

    completion text -> named steps -> source of a whole module

A step sees the text and the Stub (prompt, entry point), nothing else, and never runs code.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.extraction.cutting import is_cut
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.extraction.difference import difference
from pytest_humaneval.core.extraction.program import under_preamble, under_signature
from pytest_humaneval.core.extraction.steps import POSTPROCESSINGS, STEPS, Step, has_repairs, resolve
from pytest_humaneval.core.records import AppliedStep, Completion, Extraction, Stub

__all__ = ["POSTPROCESSINGS", "STEPS", "Step", "extract", "has_repairs", "resolve"]


def extract(completion: Completion, stub: Stub, steps: Sequence[str | Step]) -> Extraction:
    """Return the program that a completion makes with the prompt, and which steps changed it.

    A ``raw`` text goes through the steps, in order; without any, it continues the prompt as it is. Never
    raises on any text.

    Args:
        completion: what the model said.
        stub: what it was asked to continue.
        steps: names of steps (see :func:`resolve`), or steps themselves.
    """
    if completion.form == "solution":
        return Extraction(completion.text)
    if completion.form == "completion" or not steps:
        return _continued(completion, stub)
    text, applied = completion.text, []
    for step in steps:
        known = STEPS[step] if isinstance(step, str) else step
        changed = _applied(known, text, stub)
        if changed != text:
            applied.append(AppliedStep(known.name, known.kind, difference(text, changed)))
        text = changed
    solution = _assembled(text, stub) if text.strip() else None
    return Extraction(solution, tuple(applied), is_cut(completion, stub))


def _continued(completion: Completion, stub: Stub) -> Extraction:
    solution = under_signature(completion.text, stub) if completion.text.strip() else None
    return Extraction(solution, cut=is_cut(completion, stub))


def _applied(step: Step, text: str, stub: Stub) -> str:
    try:
        return step.apply(text, stub)
    except (RecursionError, MemoryError):  # code nested too deeply to be looked at stays as it is
        return text


def _assembled(text: str, stub: Stub) -> str:
    """Return a whole module: a text that defines the entry point goes under the preamble, else the prompt."""
    if defines(text, stub.entry_point):
        return under_preamble(text, stub)
    return under_signature(text, stub)

"""Extraction: turn the text of a completion into a program, blind to the problem.

    completion text -> named steps -> source of a whole module

A step sees the text and the Stub (prompt, entry point), nothing else, and never runs code: so it cannot
choose an answer by the tests or by the canonical solution.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.errors import StepError
from pytest_humaneval.core.extraction.cutting import is_cut
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.extraction.difference import difference
from pytest_humaneval.core.extraction.early_stop import stopped_early
from pytest_humaneval.core.extraction.program import under_preamble, under_signature
from pytest_humaneval.core.extraction.steps import (
    POSTPROCESSINGS,
    STEPS,
    Step,
    format_steps,
    has_repairs,
    resolve,
)
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import AppliedStep, Completion, Extraction

__all__ = ["POSTPROCESSINGS", "STEPS", "Step", "extract", "format_steps", "has_repairs", "resolve"]


def extract(completion: Completion, stub: Stub, steps: Sequence[str | Step]) -> Extraction:
    """Return the program extracted from a completion, and the steps that changed the text.

    A text of form ``raw`` goes through the steps, in order; without steps, it continues the prompt unchanged.
    The built-in steps never raise, whatever the text.

    Args:
        completion: the model's text.
        stub: the prompt that was to be continued, and its entry point.
        steps: names of steps (see :func:`resolve`), or steps themselves.

    Raises:
        StepError: a step that is not a built-in one failed.
    """
    if completion.form == "solution":
        return Extraction(completion.text)
    if completion.form == "completion" or not steps:
        return _continue_prompt(completion, stub)
    text, applied = completion.text, []
    for step in steps:
        resolved = STEPS[step] if isinstance(step, str) else step
        changed = _apply(resolved, text, stub)
        if changed != text:
            applied.append(AppliedStep(resolved.name, resolved.kind, difference(text, changed)))
        text = changed
    solution = _assemble(text, stub) if text.strip() else None
    return _extraction(completion, solution, tuple(applied), stub)


def _continue_prompt(completion: Completion, stub: Stub) -> Extraction:
    solution = under_signature(completion.text, stub) if completion.text.strip() else None
    return _extraction(completion, solution, (), stub)


def _extraction(
    completion: Completion, solution: str | None, steps: tuple[AppliedStep, ...], stub: Stub
) -> Extraction:
    # Of the raw text, not of what the steps left: a step may have removed the very end that shows the cut.
    return Extraction(solution, steps, is_cut(completion, stub), stopped_early(completion, solution, stub))


def _apply(step: Step, text: str, stub: Stub) -> str:
    try:
        return step.apply(text, stub)
    # Code that is nested too deeply makes the parser, or a walk over its tree, raise these; it stays as it
    # is.
    except (RecursionError, MemoryError):
        return text
    except Exception as error:
        origin = f" of {step.origin}" if step.origin else ""
        raise StepError(f"step {step.name!r}{origin} failed ({type(error).__name__}: {error})") from error


def _assemble(text: str, stub: Stub) -> str:
    """Return a whole module: the prompt's preamble and the text, or the prompt continued by the text.

    The preamble is enough where the text defines the entry point itself.
    """
    # A stub counts too: a function that the model left empty must not be put inside the prompt's function.
    if defines(text, stub.entry_point, stubs=True):
        return under_preamble(text, stub)
    return under_signature(text, stub)

"""Fit code to the prompt: as a module, or as a body under the right indentation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.extraction.gap import fit_gap
from pytest_humaneval.core.extraction.indentation import body_candidates, dedent, is_continuation
from pytest_humaneval.core.extraction.program import body_indentation, under_preamble, under_signature
from pytest_humaneval.core.extraction.salvage import without_broken_parts
from pytest_humaneval.core.problem import Stub


@lru_cache(maxsize=64)
def fit(code: str, stub: Stub) -> str | None:
    """Return the program made of code and prompt, or None if the entry point would have no body in it.

    Tried in turn: a module; a continuation of the prompt as it is; a body with another indentation. What
    fills a gap is not indented anew.
    """
    if stub.suffix:
        return fit_gap(code, stub)
    module = _module(code, stub)
    if module is not None:
        return under_preamble(module, stub)
    # A module whose entry point is a stub would also parse as a body, inside the prompt's function.
    if _module(code, stub, stubs=True) is not None:
        return None
    return next(_defining(_bodies(code, stub), stub), None)


def fit_stub(code: str, stub: Stub) -> str | None:
    """Return the program made of code and prompt with a stub as entry point, or None if it is undefined."""
    if stub.suffix:
        return None
    module = _module(code, stub, stubs=True)
    if module is not None:
        return under_preamble(module, stub)
    continued = [under_signature(code, stub)] if is_continuation(code) else []
    return next(_defining(continued, stub, stubs=True), None)


def is_module(code: str, stub: Stub) -> bool:
    """Return whether code defines the entry point itself."""
    return _module(code, stub) is not None


def _module(code: str, stub: Stub, *, stubs: bool = False) -> str | None:
    # The search for the name comes first because it is cheap: most blocks and bodies do not contain it.
    flat = dedent(code) if stub.entry_point in code else ""
    if not flat or is_continuation(flat):
        return None
    return next(_defining([flat], stub, stubs=stubs), None)


def _bodies(code: str, stub: Stub) -> Iterator[str]:
    # Unchanged first: what a base model continues the prompt with needs no new indentation.
    if is_continuation(code) or code.startswith("\n"):
        yield under_signature(code, stub)
    line_end = "" if stub.prompt.endswith("\n") else "\n"
    for body in body_candidates(code, body_indentation(stub)):
        yield under_signature(line_end + body, stub)


def _defining(programs: Iterator[str] | list[str], stub: Stub, *, stubs: bool = False) -> Iterator[str]:
    for program in programs:
        clean = without_broken_parts(program, stub.entry_point)
        if defines(clean, stub.entry_point, stubs=stubs):
            yield clean

"""The fields that a dataset's line may have beside the schema's: those that leave the task as it is.

A field with tests, inputs or a suffix that nobody reads would make another task of the problem without a
word: a HumanEval+ file, judged by its base tests alone, has HumanEval's score under HumanEval+'s name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from pytest_humaneval.core.errors import ConfigError


class _Meaning(NamedTuple):
    """Why a field makes another task, and what to use instead."""

    why: str
    instead: str


_EVALPLUS = _Meaning(
    "is EvalPlus's, whose added tests are not read yet",
    "run HumanEval itself, and have evalplus score what --humaneval-save-samples writes",
)
_INFILLING = _Meaning(
    "is what follows the gap in an infilling task, which is not read yet",
    "use a file without it, or score with human-eval-infilling",
)
_CASES = _Meaning(
    "holds further tests (as in HumanEval-ET), which are not read yet", "put them into the function of 'test'"
)
_UNKNOWN = _Meaning(
    "by its name changes the task, and is not read",
    "put what it demands into the function of 'test', or take it out",
)

_KNOWN = {
    "base_input": _EVALPLUS,
    "plus_input": _EVALPLUS,
    "contract": _EVALPLUS,
    "atol": _EVALPLUS,
    "assertion": _EVALPLUS,
    "suffix": _INFILLING,
    "test_case_list": _CASES,
    "test_list": _CASES,
}

# Of HumanEvalPack: some of the tests once more, which the docstring shows too.
_HARMLESS = frozenset({"example_test"})

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TELLING = (
    *("test", "assert", "cases", "checker", "grader", "oracle", "contract", "expect"),
    *("input", "output", "stdin", "stdout", "suffix", "middle"),
    *("atol", "rtol", "toleran", "limit", "timeout"),
)


def check_fields(row: Mapping[str, Any], where: str) -> None:
    """Refuse a line with a field that makes another task of the problem; what is empty changes nothing.

    Raises:
        ConfigError: there is one; the text names it, ``where`` it stands, and what to use instead.
    """
    for name, value in row.items():
        if value in (None, "", [], {}) or (meaning := _meaning(name)) is None:
            continue
        raise ConfigError(f"{where}: field {name!r} {meaning.why}; {meaning.instead}")


def _meaning(name: str) -> _Meaning | None:
    """Return what a field means for the task; None for the schema's own, and for what only describes it."""
    if name == "test" or name in _HARMLESS:
        return None
    words = [word.lower() for word in _WORD.findall(name)]
    return _KNOWN.get(name) or (_UNKNOWN if any(word.startswith(_TELLING) for word in words) else None)

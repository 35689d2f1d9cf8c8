"""Check the additional fields of a dataset's rows: only those that do not change the task are accepted.

To ignore a field with tests, inputs or a suffix would silently score another task: a HumanEval+ file, judged
by its base tests alone, gives HumanEval's score under HumanEval+'s name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from pytest_humaneval.core.errors import ConfigError


class _Meaning(NamedTuple):
    """Why a field changes the task, and what to use instead."""

    why: str
    instead: str


_EVALPLUS = _Meaning(
    "is EvalPlus's, whose rows have 'base_input' and 'plus_input', too", "use its file as it was published"
)
_CASES = _Meaning(
    "holds further tests (as in HumanEval-ET), which are not read", "put them into the function of 'test'"
)
_GAP = _Meaning(
    "is what follows the gap in an infilling task, which has no such inputs", "take one of them out"
)
_UNKNOWN = _Meaning(
    "by its name changes the task, and is not read",
    "put what it demands into the function of 'test', or take it out",
)

_KNOWN = {
    "contract": _EVALPLUS,
    "atol": _EVALPLUS,
    "assertion": _EVALPLUS,
    "suffix": _GAP,
    "test_case_list": _CASES,
}

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# Beginnings of words in a field's name, split at underscores and capitals: "hidden_tests", "hiddenTests",
# "expected".
_SUSPICIOUS_PREFIXES = (
    *("test", "assert", "cases", "checker", "grader", "oracle", "contract", "expect"),
    *("input", "output", "stdin", "stdout", "suffix", "middle"),
    *("atol", "rtol", "toleran", "limit", "timeout"),
)


def check_fields(row: Mapping[str, Any], where: str, known: Set[str]) -> None:
    """Check that no field of a row changes the task unread; an empty field never does.

    Args:
        row: the values by field.
        where: file and line, for the message.
        known: the fields that the row's schema reads, or need not read.

    Raises:
        ConfigError: there is one; the message names it, and what to use instead.
    """
    for name, value in row.items():
        if name in known or value in (None, "", [], {}) or (meaning := _meaning(name)) is None:
            continue
        raise ConfigError(f"{where}: field {name!r} {meaning.why}; {meaning.instead}")


def _meaning(name: str) -> _Meaning | None:
    """Return how a field changes the task; None if it does not."""
    words = [word.lower() for word in _WORD.findall(name)]
    is_suspicious = any(word.startswith(_SUSPICIOUS_PREFIXES) for word in words)
    return _KNOWN.get(name) or (_UNKNOWN if is_suspicious else None)

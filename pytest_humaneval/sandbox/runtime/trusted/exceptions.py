"""Recreate a candidate's exception on the trusted side, as the builtin type that a test may expect."""

from __future__ import annotations

import builtins
from typing import Any


class CandidateException(Exception):
    """An exception of the candidate that no builtin type can stand for."""


# Arguments that these types require before their text.
_LEADING_ARGUMENTS = {
    "UnicodeDecodeError": ("utf-8", b"", 0, 0),
    "UnicodeEncodeError": ("utf-8", "", 0, 0),
}


def local_exception(name: str, text: str) -> BaseException:
    """Return the exception to raise in the test for one of the candidate.

    Args:
        name: of the nearest builtin type, by the candidate's process, which may lie.
        text: the exception's own type name and text, separated by a colon.
    """
    kind = getattr(builtins, name, None)
    # Not BaseException: a forged SystemExit would pass by the test's own "except Exception".
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return CandidateException(text)
    # Raised inside a loop or a generator of the test, it would end that in silence, and the rest of the test
    # with it.
    if issubclass(kind, StopIteration | StopAsyncIteration):
        return CandidateException(text)
    message = text.partition(": ")[2]
    try:
        if kind is KeyError:
            return KeyError(_key(message))
        return kind(*_LEADING_ARGUMENTS.get(name, ()), message)
    # It needs more than a text, as an ExceptionGroup does.
    except TypeError:
        return CandidateException(text)


def _key(message: str) -> Any:
    """Return the key of a ``KeyError`` from its text, which is the key's ``repr``; the text if that fails."""
    # Imported late: a worker starts sooner without.
    import ast

    try:
        return ast.literal_eval(message)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return message

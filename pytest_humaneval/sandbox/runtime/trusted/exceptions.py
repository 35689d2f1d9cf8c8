"""An exception of the candidate as its test sees it: of the same builtin type, which it may well expect."""

from __future__ import annotations

import builtins
from typing import Any


class CandidateException(Exception):
    """An exception of the candidate for which a test cannot have a name."""


_LEADING_ARGUMENTS = {
    "UnicodeDecodeError": ("utf-8", b"", 0, 0),
    "UnicodeEncodeError": ("utf-8", "", 0, 0),
}
"""What these want before their text."""


def local_exception(name: str, text: str) -> BaseException:
    """Return what a test gets to see of an exception of the candidate.

    Args:
        name: of the nearest builtin type, as the candidate's process says.
        text: name and text of the exception, with a colon between.
    """
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return CandidateException(text)
    if issubclass(kind, StopIteration | StopAsyncIteration):  # would end a loop of the test in silence
        return CandidateException(text)
    message = text.partition(": ")[2]
    try:
        if kind is KeyError:
            return KeyError(_key(message))
        return kind(*_LEADING_ARGUMENTS.get(name, ()), message)
    except TypeError:  # it needs more than a text, as an ExceptionGroup does
        return CandidateException(text)


def _key(message: str) -> Any:
    """Return the key of which a ``KeyError`` says the ``repr``, if it is a simple one."""
    import ast  # a worker is up sooner without

    try:
        return ast.literal_eval(message)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return message

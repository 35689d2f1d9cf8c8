"""An exception of the candidate as its test sees it: of the same builtin type, which it may well expect."""

from __future__ import annotations

import builtins


class Raised(Exception):
    """An exception of the candidate for which a test cannot have a name."""


def local_exception(name: str, text: str) -> BaseException:
    """Return what a test gets to see of an exception of the candidate.

    Args:
        name: of the nearest builtin type, as the candidate's process says.
        text: of the exception.
    """
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return Raised(text)
    if issubclass(kind, StopIteration | StopAsyncIteration | UnicodeError):
        # The first two would end a loop of the test in silence, the third has no plain text.
        return Raised(text)
    try:
        return kind(text)
    except TypeError:  # it needs more than a text, as an ExceptionGroup does
        return Raised(text)

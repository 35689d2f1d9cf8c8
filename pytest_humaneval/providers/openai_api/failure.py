"""Why one attempt at a request gave no completion, told from what the OpenAI client raises or returns.

An attempt can fail in five ways:

    refused       the server understood and says no (400, 401, 404, ...)
    unreachable   no connection could be made
    busy          the server asks to come back later (429)
    timeout       connected, but no answer within the limit
    passing       dropped connection, 408, 409, 5xx, an answer without a usable choice
"""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from openai import APIError

FailureKind = Literal["refused", "unreachable", "busy", "timeout", "passing"]

LONGEST_REASON = 300  # characters

_PASSING_STATUS = frozenset({408, 409})
_UNREACHABLE = frozenset({"ConnectError", "ConnectTimeout", "ProxyError"})
"""By name, because the client speaks through httpx or through httpx2, by its version."""


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        kind: what may be done about it; see the module.
        words: the server's or the client's own, in one line of any length.
        retry_after: the header of that name, if the server sent one.
    """

    kind: FailureKind
    words: str
    retry_after: str | None = None

    @property
    def reason(self) -> str:
        """The words, bounded for a report."""
        words = self.words
        return words if len(words) <= LONGEST_REASON else words[: LONGEST_REASON - 3] + "..."


def client_failure(error: APIError) -> Failure:
    """Translate an exception of the OpenAI client."""
    from openai import APIStatusError, APITimeoutError

    if isinstance(error, APIStatusError):
        words = _line(f"HTTP {error.status_code}: {_message(error.body or error.response.text)}")
        return Failure(_status_kind(error.status_code), words, error.response.headers.get("retry-after"))
    cause = error.__cause__ or error
    if type(cause).__name__ in _UNREACHABLE:
        return Failure("unreachable", _line(_system_words(cause) or _told(cause)))
    return Failure("timeout" if isinstance(error, APITimeoutError) else "passing", _line(_told(cause)))


def unusable(answer: object) -> Failure:
    """Tell of an answer with status 200 in which no finished choice can be found."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return Failure("passing", _line(f"an answer without a finished choice: {_message(error or answer)}"))


def _told(error: BaseException) -> str:
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def _system_words(error: BaseException) -> str | None:
    """Return what the operating system said of a failed connection, such as "Connection refused"."""
    words = None
    root: BaseException | None = error
    while root is not None:
        if isinstance(root, OSError) and root.errno is not None:
            known = root.errno in errno.errorcode and not isinstance(root, socket.gaierror)
            words = os.strerror(root.errno) if known else root.strerror
        root = root.__cause__ or root.__context__
    return words


def _status_kind(status: int) -> FailureKind:
    if status == 429:
        return "busy"
    return "passing" if status in _PASSING_STATUS or status >= 500 else "refused"


def _message(body: object) -> str:
    """Return the server's own words from an error body: OpenAI's, FastAPI's, or whatever it is."""
    if isinstance(body, dict):
        body = body.get("message") or body.get("detail") or body
    return str(body)


def _line(text: str) -> str:
    return " ".join(text.split())

"""Failures of a single attempt at a request, derived from what aiohttp raises and servers answer.

An attempt can fail in seven ways:

    refused       the server understood the request and will not answer it (400, 422, ...)
    denied        it refuses the one who asks, or knows no such model (401, 402, 403, 404)
    unreachable   no connection could be made
    busy          the server asks to come back later (429)
    timeout       connected, but no answer within the limit
    transient     dropped connection, 408, 409, 5xx, an answer without a usable choice
    unpaid        nothing was sent, since the run may spend no more
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

FailureKind = Literal["refused", "denied", "unreachable", "busy", "timeout", "transient", "unpaid"]

LONGEST_REASON = 300  # characters

# 408 Request Timeout and 409 Conflict: the official client retries these two, too, beside 429 and 5xx.
_TRANSIENT_STATUS = frozenset({408, 409})
_DENIED_STATUS = frozenset({401, 402, 403, 404})


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        kind: decides what is tried next; the module's docstring lists the kinds.
        message: the server's or the client's own, in one line of any length.
        retry_after: the header of that name, if the server sent one.
        status: of HTTP; None without an answer.
        attempts: how many have failed by now.
    """

    kind: FailureKind
    message: str
    retry_after: str | None = None
    status: int | None = None
    attempts: int = 1

    @property
    def reason(self) -> str:
        """The message, at most ``LONGEST_REASON`` characters of it, and the attempts, for a report."""
        message = self.message
        short = message if len(message) <= LONGEST_REASON else message[: LONGEST_REASON - 3] + "..."
        return short if self.attempts == 1 else f"{short} (after {self.attempts} attempts)"


def client_failure(error: Exception, timeout_message: str = "") -> Failure:
    """Return an exception of aiohttp as a failure; ``timeout_message`` says what took too long."""
    # Imported late: only a run that asks a server pays for loading the client.
    from aiohttp import ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError

    if isinstance(error, (ClientConnectorError, ClientHttpProxyError, ConnectionTimeoutError)):
        return Failure("unreachable", _one_line(_system_message(error) or _described(error)))
    if isinstance(error, asyncio.TimeoutError):
        return Failure("timeout", timeout_message or _one_line(_described(error)))
    return Failure("transient", _one_line(_described(error)))


def server_failure(status: int, content: str, retry_after: str | None) -> Failure:
    """Return an answer with an error's status as a failure."""
    message = _one_line(f"HTTP {status}: {_server_message(_error_of(content))}")
    return Failure(_status_kind(status), message, retry_after, status)


def _error_of(content: str) -> object:
    """Return the error in an answer's JSON: under ``error``, or the whole; the text where it is no JSON."""
    try:
        body: object = json.loads(content)
    except ValueError:
        return content
    return (body.get("error") or body) if isinstance(body, dict) else content


def unusable_answer(answer: object) -> Failure:
    """Return an answer with status 200, but without a finished choice, as a failure."""
    # OpenRouter sends some errors with status 200, as an error object in the body.
    error = answer.get("error") if isinstance(answer, dict) else None
    message = f"an answer without a finished choice: {_server_message(error or answer)}"
    return Failure("transient", _one_line(message))


def no_server(addresses: str, failure: Failure) -> str:
    """Return in one line that no server can be reached, and what to do."""
    return (
        f"{addresses}: no server answers here ({failure.reason}); nothing was scored; "
        "start the server (--humaneval-serve does), or name another with --humaneval-base-url"
    )


def _described(error: BaseException) -> str:
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def _system_message(error: BaseException) -> str | None:
    """Return the operating system's message for a failed connection, such as "Connection refused"."""
    message = None
    root: BaseException | None = error
    while root is not None:
        if isinstance(root, OSError) and root.errno is not None:
            # strerror of a connection that asyncio made reads "Connect call failed ('127.0.0.1', 9)"; and
            # getaddrinfo's numbers and OpenSSL's are no errno, though some have the same value.
            is_other = isinstance(root, (socket.gaierror, ssl.SSLError))
            is_errno = root.errno in errno.errorcode and not is_other
            message = os.strerror(root.errno) if is_errno else root.strerror
        root = root.__cause__ or root.__context__
    return message


def _status_kind(status: int) -> FailureKind:
    if status == 429:
        return "busy"
    if status in _DENIED_STATUS:
        return "denied"
    return "transient" if status in _TRANSIENT_STATUS or status >= 500 else "refused"


def _server_message(body: object) -> str:
    """Return the message of an error body: OpenAI's (``message``), FastAPI's (``detail``), or the whole."""
    if isinstance(body, dict):
        body = body.get("message") or body.get("detail") or body
    return str(body)


def _one_line(text: str) -> str:
    return " ".join(text.split())

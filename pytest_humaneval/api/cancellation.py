"""Blocking functions for code that runs in an event loop: in a thread, and cancelled with their task."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_is_cancelled: ContextVar[threading.Event | None] = ContextVar("_is_cancelled", default=None)


class CancelledInThreadError(Exception):
    """A blocking function ends, since the task that waits for it was cancelled."""


def check_cancelled() -> None:
    """Let a blocking function end here if its task was cancelled; it calls this now and then.

    Raises:
        CancelledInThreadError: the task was cancelled.
    """
    event = _is_cancelled.get()
    if event is not None and event.is_set():
        raise CancelledInThreadError


def in_thread(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return a coroutine function that calls a blocking one in a thread.

    When its task is cancelled it waits until the blocking function has ended, so nothing is left running.
    """

    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        event = threading.Event()
        before = _is_cancelled.set(event)
        # The thread gets a copy of the context as it is now, with the event in it.
        work = asyncio.ensure_future(asyncio.to_thread(partial(function, *args, **kwargs)))
        _is_cancelled.reset(before)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            event.set()
            await asyncio.wait([work])
            # Read, so that asyncio does not report the error as one that nobody has seen.
            work.exception()
            raise

    call.__name__ = call.__qualname__ = f"{function.__name__}_async"
    call.__doc__ = f"""Do as :func:`{function.__name__}` does, with the same arguments, in an event loop.

    The event loop is not blocked. A task that is cancelled ends when the work in its thread has ended.
    """
    return call

"""The tokens that a server may be asked for in a minute, as a bucket that fills at that rate.

How many a request will take is known only from its answer. So that many are reserved: the prompt's, estimated
by those that the server has counted so far, and ``max_tokens`` for each completion. The answer's own count
replaces them, and what was not needed goes back into the bucket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pytest_humaneval.core.prompt_estimate import PromptEstimate
from pytest_humaneval.core.records import Completion, Request
from pytest_humaneval.providers.openai_api.failure import Failure

_MINUTE_S = 60.0
_NOT_READ = ("busy", "refused", "denied", "unreachable", "unpaid")
"""Failures after which the server has worked on nothing."""


class TokenRate:
    """Lets requests through as fast as their tokens may be asked for, in the order in which they come."""

    def __init__(self, per_minute: float | None, clock: Callable[[], float]) -> None:
        """Begin with an empty bucket: with a full one the first minute would have twice the rate.

        Args:
            per_minute: the tokens of a minute, which are also the most that the bucket holds; None: no limit.
            clock: returns seconds and never goes back.
        """
        self._per_minute, self._clock = per_minute, clock
        self._level, self._filled_s = 0.0, clock()
        self._estimate = PromptEstimate()
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()

    async def reserve(self, request: Request, size: int) -> float:
        """Wait for the tokens of a request for ``size`` completions, take them, and return how many."""
        if self._per_minute is None:
            return 0.0
        prompt = self._estimate.tokens(request)
        # More than the bucket can hold would be waited for without end.
        tokens = min(prompt + size * request.sampling.max_tokens, self._per_minute)
        async with self._turn:
            while (missing := tokens - self._filled()) > 0:
                self._changed.clear()
                wait_s = missing / self._per_minute * _MINUTE_S
                # wait() of asyncio, not wait_for(): running out of time is the usual end here.
                waiting = asyncio.ensure_future(self._changed.wait())
                try:
                    await asyncio.wait([waiting], timeout=wait_s)
                finally:
                    waiting.cancel()
            self._level -= tokens
        return tokens

    def settle(self, request: Request, reserved: float, outcome: object) -> None:
        """Put back what a request did not need, or take what it needed more."""
        if self._per_minute is None:
            return
        used = self._used(request, reserved, outcome)
        self._level = min(self._filled() + reserved - used, self._per_minute)
        self._changed.set()

    def _used(self, request: Request, reserved: float, outcome: object) -> float:
        if isinstance(outcome, Failure):
            return 0.0 if outcome.kind in _NOT_READ else reserved
        completions: Sequence[Completion] = outcome if isinstance(outcome, list) else []
        read = sum(each.prompt_tokens for each in completions)
        # A server that does not count: what was reserved is all that is known.
        if not read:
            return reserved
        self._estimate.learn(request, read)
        return read + sum(each.completion_tokens for each in completions)

    def _filled(self) -> float:
        """Fill the bucket with what has come since the last time, and return its level."""
        now_s = self._clock()
        if self._per_minute is not None:
            came = (now_s - self._filled_s) * self._per_minute / _MINUTE_S
            self._level = min(self._level + came, self._per_minute)
        self._filled_s = now_s
        return self._level

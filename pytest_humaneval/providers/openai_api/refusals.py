"""Denials: refusals that every other request meets as well.

Their causes are a wrong API key, no credit, an unknown model, or a parameter that the server does not take.

A few denials without any completion in between end the batch. So that hardly more than these few are sent, a
batch begins with a few requests. It sends all as soon as one of them has a completion; until then, more with
each step of time in which none was denied.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import SettledDraw
from pytest_humaneval.providers.openai_api.failure import Failure

FEW = 3
STEP_S = 0.05
"""A server in the same network denies sooner than this; a healthy run loses three steps at most."""


class Denials:
    """The denied requests of a batch since its latest completion.

    Attributes:
        held: their draws; they are settled only when a completion shows that the server answers others.
    """

    def __init__(self, addresses: str, key_note: str) -> None:
        """Describe the batch for messages: its servers, and in a clause where its API key comes from."""
        self.held: list[SettledDraw] = []
        self._addresses, self._key_note = addresses, key_note
        self._count = 0
        self._allowed: float = FEW

    def allow_another(self, unsettled: int) -> bool:
        """Return whether a request may be sent beside the ``unsettled`` ones."""
        return self._count + unsettled < self._allowed

    def explained(self, failure: Failure, key: str | None = None) -> str:
        """Return the reason of a denied request, and where its cause may be: the experiment's ``key``."""
        if failure.kind == "refused":
            return f"{failure.reason}; what it refuses is the experiment's key {key}"
        notes = {
            401: self._key_note,
            403: self._key_note,
            404: "check the server's model and base_url in the experiments file",
        }
        note = notes.get(failure.status or 0)
        return f"{failure.reason}; {note}" if note else failure.reason

    def add(self, settled: list[SettledDraw], reason: str) -> None:
        """Hold the draws of a denied request back.

        Raises:
            ProviderError: these are enough to conclude that every other request is denied as well.
        """
        self.held += settled
        self._count += 1
        self._reason = reason
        if self._count == FEW:
            self.conclude()

    def conclude(self) -> None:
        """End the batch if anything is held.

        Raises:
            ProviderError: something is.
        """
        if self.held:
            raise ProviderError(
                f"{self._addresses}: the server refuses the requests, and no more are sent: {self._reason}"
            )

    def released(self) -> list[SettledDraw]:
        """Return what was held, since a request has completions: the server does answer others."""
        held, self.held = self.held, []
        self._count, self._allowed = 0, inf
        return held

    async def ramp_up(self, fill: Callable[[], None]) -> None:
        """Allow more requests step by step, unless one was denied; ``fill`` sends what is allowed."""
        # Sleeps, not a clock: while the event loop is busy with sending, no answer can be noticed.
        for allowed in (4 * FEW, 16 * FEW, inf):
            await asyncio.sleep(STEP_S)
            if self._count:
                return
            self._allowed = max(self._allowed, allowed)
            fill()

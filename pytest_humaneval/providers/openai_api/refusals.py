"""Denials: refusals that every other request meets as well (a wrong key, no credit, an unknown model).

A few denials without any completion in between end the batch. So that no more than these few are sent, the
first requests go alone, until one of them has a completion or none was denied within ``CAUTION_S``.
"""

from __future__ import annotations

import asyncio

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import SettledDraw
from pytest_humaneval.providers.openai_api.failure import Failure

FEW = 3
CAUTION_S = 0.25
"""A denial usually comes sooner than this, and a run loses no more than this by waiting for it."""
_STEPS = 5


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
        self._is_cautious = True

    def allow_another(self, unsettled: int) -> bool:
        """Return whether a request may be sent beside the ``unsettled`` ones."""
        return not self._is_cautious or self._count + unsettled < FEW

    def explained(self, failure: Failure) -> str:
        """Return the reason of a denied request, and where its cause may be."""
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
        self._count, self._is_cautious = 0, False
        return held

    async def end_caution(self) -> None:
        """Wait, and then allow any number of requests, unless one was denied."""
        # In steps: while the event loop is busy with the first requests, no answer can be noticed, and that
        # time counts as one step.
        for _ in range(_STEPS):
            await asyncio.sleep(CAUTION_S / _STEPS)
        self._is_cautious = self._is_cautious and self._count > 0

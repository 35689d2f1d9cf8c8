"""Several servers of the same model: which gets the next request, and which is left out for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from pytest_humaneval.providers.openai_api.retry import doubled_s

FIRST_COOLDOWN_S = 1.0
LONGEST_COOLDOWN_S = 30.0


Client = TypeVar("Client")


@dataclass
class Endpoint(Generic[Client]):
    """One server and its state in this run.

    Attributes:
        client: the client that sends to it.
        in_flight: requests that it has not answered yet.
        failures: times in a row that it could not be reached.
        cooldown_until_s: when it is tried again, by the clock of :class:`Replicas`.
    """

    client: Client
    in_flight: int = 0
    failures: int = 0
    cooldown_until_s: float = 0.0


class Replicas(Generic[Client]):
    """Servers of which each can answer any request."""

    def __init__(self, clients: Sequence[Client], clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoints = [Endpoint(client) for client in clients]
        self._clock = clock

    @property
    def clients(self) -> list[Client]:
        """The clients, one for each server."""
        return [endpoint.client for endpoint in self._endpoints]

    @property
    def in_flight(self) -> int:
        """Requests that no server has answered yet."""
        return sum(endpoint.in_flight for endpoint in self._endpoints)

    @contextmanager
    def least_busy(self) -> Iterator[Endpoint[Client]]:
        """Yield the server with the fewest requests in flight, counted for one more inside the context.

        A server in its cooldown is left out. If all are, it is the one whose cooldown ends first.
        """
        now_s = self._clock()
        endpoint = min(self._endpoints, key=lambda it: (max(it.cooldown_until_s - now_s, 0.0), it.in_flight))
        endpoint.in_flight += 1
        try:
            yield endpoint
        finally:
            endpoint.in_flight -= 1

    def mark_unreachable(self, endpoint: Endpoint[Client]) -> None:
        """Leave a server out for a while: twice as long with each failure in a row, up to the longest."""
        cooldown_s = doubled_s(FIRST_COOLDOWN_S, endpoint.failures, LONGEST_COOLDOWN_S)
        endpoint.failures += 1
        endpoint.cooldown_until_s = self._clock() + cooldown_s

    def mark_answered(self, endpoint: Endpoint[Client]) -> None:
        """Forget a server's failures."""
        endpoint.failures, endpoint.cooldown_until_s = 0, 0.0

"""Several servers of the same model: who gets the next request, and who is left out for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from pytest_humaneval.providers.openai_api.retry import doubled_s

FIRST_REST_S = 1.0
LONGEST_REST_S = 30.0

Client = TypeVar("Client")


@dataclass
class Endpoint(Generic[Client]):
    """One server, as a run knows it.

    Attributes:
        client: what speaks to it.
        in_flight: requests that it has not answered yet.
        failures: times in a row that it could not be reached.
        resting_until_s: when it is tried again, by the replicas's clock.
    """

    client: Client
    in_flight: int = 0
    failures: int = 0
    resting_until_s: float = 0.0


class Replicas(Generic[Client]):
    """Servers that stand for one another."""

    def __init__(self, clients: Sequence[Client], clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoints = [Endpoint(client) for client in clients]
        self._clock = clock

    @property
    def clients(self) -> list[Client]:
        """What speaks to each of them."""
        return [endpoint.client for endpoint in self._endpoints]

    @contextmanager
    def chosen(self) -> Iterator[Endpoint[Client]]:
        """Take the server with the fewest requests in flight, for one more request.

        Where all are resting, it is the one whose rest is over first.
        """
        now_s = self._clock()
        endpoint = min(self._endpoints, key=lambda it: (max(it.resting_until_s - now_s, 0.0), it.in_flight))
        endpoint.in_flight += 1
        try:
            yield endpoint
        finally:
            endpoint.in_flight -= 1

    def unreachable(self, endpoint: Endpoint[Client]) -> None:
        """Leave a server out for a while, each time for longer."""
        rest_s = doubled_s(FIRST_REST_S, endpoint.failures, LONGEST_REST_S)
        endpoint.failures += 1
        endpoint.resting_until_s = self._clock() + rest_s

    def answered(self, endpoint: Endpoint[Client]) -> None:
        """Note that a server is there."""
        endpoint.failures, endpoint.resting_until_s = 0, 0.0

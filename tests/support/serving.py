"""The fixture that starts stub model servers on loopback, which end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer


@pytest.fixture
def stub_server() -> Iterator[Callable[[Behaviour], StubServer]]:
    """Return a function that starts an OpenAI-compatible stub server with a given behaviour."""
    servers: list[StubServer] = []

    def start(behaviour: Behaviour) -> StubServer:
        server = StubServer(behaviour)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()

"""The fixture that starts stub model servers on loopback, which end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

StartServer = Callable[[Behaviour], StubServer]
"""Starts a stub server that behaves so; it ends with the test."""


@pytest.fixture
def stub_server() -> Iterator[StartServer]:
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

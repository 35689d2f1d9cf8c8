"""Model servers for the tests: started on loopback, ended with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

StartServer = Callable[[Behaviour], StubServer]
"""Starts a stub server that behaves so; it ends with the test."""


@pytest.fixture
def stub_server() -> Iterator[StartServer]:
    """Start OpenAI-compatible stub servers, each with its behaviour; they end with the test."""
    servers: list[StubServer] = []

    def start(behaviour: Behaviour) -> StubServer:
        server = StubServer(behaviour)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()

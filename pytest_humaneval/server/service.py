"""The interface of a server that can be started and stopped from this machine, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError, HumanEvalError

ReportProgress = Callable[[str], None]
"""Takes one line of text about the progress of something that takes long."""

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class ServiceError(HumanEvalError):
    """A server cannot be started, stopped or used; the text says why, and what to do."""


class Service(Protocol):
    """One server that can be started and stopped; ``server`` says what it serves, and where."""

    server: Server

    def is_running(self) -> bool:
        """Return whether it was started from here and has not ended; it may not answer yet."""
        ...

    def begin(self) -> bool:
        """Start it, without waiting until it answers; return False, and do nothing, if it is running.

        Raises:
            ServiceError: it cannot be started.
        """
        ...

    def end(self) -> bool:
        """Stop it, and wait until it is gone; return whether there was anything to stop."""
        ...

    def log(self, lines: int) -> list[str]:
        """Return the last ``lines`` lines of its output, each with its line end."""
        ...

    def description(self) -> str:
        """Return a few words on what runs it, such as the process and its log file."""
        ...


def port_of(server: Server) -> int:
    """Return the port on which a server of this machine has to listen.

    Raises:
        ConfigError: its URL is that of another machine.
    """
    parts = urlsplit(server.base_url)
    if parts.hostname not in _LOCAL_HOSTS:
        raise ConfigError(
            f'server "{server.name}": {server.base_url} is not on this machine, so it cannot be started from '
            "here; start it there, or write a base_url such as http://localhost:8001/v1"
        )
    return parts.port or (443 if parts.scheme == "https" else 80)

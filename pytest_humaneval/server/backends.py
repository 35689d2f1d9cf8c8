"""The ways to run a server, and which one it is to be."""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.compose import COMPOSE_FILE, ComposeService, is_docker_there
from pytest_humaneval.server.local import LocalService
from pytest_humaneval.server.service import Service

WAYS = ("compose", "local")

_PACKAGE = Path(__file__).parent.parent


def open_service(
    server: Server,
    way: str | None = None,
    vllm: str | None = None,
    compose_file: Path | None = None,
    on_cpu: bool = False,
) -> Service:
    """Return a server as a service; nothing is started.

    ``way`` is one of ``WAYS``; by default ``compose`` where Docker and such a service are there, else
    ``local``.

    Raises:
        ConfigError: the server's URL is that of another machine.
    """
    if way == "local" or vllm is not None:
        return LocalService(server, vllm=vllm)
    file = compose_file or shipped(COMPOSE_FILE)
    if way == "compose" or (_knows(file, server) and is_docker_there()):
        return ComposeService(server, file, on_cpu)
    return LocalService(server)


def shipped(name: str) -> Path:
    """Return a file of the working directory, or the one of that name which comes with the package."""
    own = Path.cwd() / name
    return (
        own
        if own.is_file()
        else next(path for path in (_PACKAGE / name, _PACKAGE.parent / name) if path.is_file())
    )


def _knows(compose_file: Path, server: Server) -> bool:
    return f"\n  {server.name}:\n" in compose_file.read_text(encoding="utf-8")

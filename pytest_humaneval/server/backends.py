"""The backends that can run a server, and the choice between them."""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.shipped import shipped
from pytest_humaneval.server.compose import COMPOSE_FILE, ComposeService, is_docker_available
from pytest_humaneval.server.local import LocalService
from pytest_humaneval.server.service import Service

BACKENDS = ("compose", "local")


def open_service(
    server: Server,
    backend: str | None = None,
    vllm: str | None = None,
    compose_file: Path | None = None,
    on_cpu: bool = False,
) -> Service:
    """Return a server as a service; nothing is started.

    Args:
        server: what to serve, and where.
        backend: one of ``BACKENDS``; by default ``compose`` if Docker is installed and the compose file has a
            service of the server's name, else ``local``.
        vllm: the program to run; only ``local`` runs one, so naming it chooses that backend.
        compose_file: by default docker-compose.yml of the working directory, else the package's own.
        on_cpu: choose the compose file's service that needs no GPU.

    Raises:
        ConfigError: the server's URL is that of another machine.
    """
    if backend == "local" or vllm is not None:
        return LocalService(server, vllm=vllm)
    file = compose_file or find_file(COMPOSE_FILE)
    # The file is read first: asking Docker starts a process, and takes longer than to read a small file.
    if backend == "compose" or (_has_service(file, server.name) and is_docker_available()):
        return ComposeService(server, file, on_cpu)
    return LocalService(server)


def find_file(name: str) -> Path:
    """Return the path of a file of the working directory, else of the one that comes with the package."""
    own = Path.cwd() / name
    return own if own.is_file() else shipped(name)


def _has_service(compose_file: Path, name: str) -> bool:
    # The standard library has no YAML parser; in the shipped file the services are indented by two spaces.
    return f"\n  {name}:\n" in compose_file.read_text(encoding="utf-8")

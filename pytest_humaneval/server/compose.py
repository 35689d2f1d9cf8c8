"""A server as a container: a service of docker-compose.yml, by ``docker compose``.

https://docs.docker.com/reference/cli/docker/compose/
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.diagnosis import diagnose, last_words
from pytest_humaneval.server.service import ServiceError, port_of

COMPOSE_FILE = "docker-compose.yml"


class ComposeService:
    """One service of a compose file, called like the server, or ``NAME-cpu`` for one that needs no GPU."""

    def __init__(self, server: Server, compose_file: Path, on_cpu: bool = False) -> None:
        """Describe it; nothing is started."""
        port_of(server)
        self.server, self._compose_file = server, compose_file
        self._name = f"{server.name}-cpu" if on_cpu else server.name

    def is_running(self) -> bool:
        """Whether the container is there and runs."""
        done = self._compose("ps", "--quiet", "--status", "running", self._name)
        return done.returncode == 0 and bool(done.stdout.strip())

    def begin(self) -> bool:
        """Create and start the container of this service alone; return False if it is running.

        Raises:
            ServiceError: Docker is not there, cannot be reached, or refuses.
        """
        if self.is_running():
            return False
        done = self._compose("up", "--detach", "--no-deps", self._name)
        if done.returncode:
            told = done.stderr.splitlines()
            reason = diagnose(told) or "docker compose refuses"
            raise ServiceError(f'server "{self.server.name}" cannot be started: {reason}{last_words(told)}')
        return True

    def end(self) -> bool:
        """Stop and remove the container of this service alone."""
        was_running = self.is_running()
        self._compose("rm", "--stop", "--force", self._name)
        return was_running

    def log(self, lines: int) -> list[str]:
        """Return the last lines of the container's log."""
        done = self._compose("logs", "--no-color", "--no-log-prefix", "--tail", str(lines), self._name)
        return done.stdout.splitlines(keepends=True)

    def description(self) -> str:
        """Return the service's name and its file."""
        return f"service {self._name} of {self._compose_file}"

    def _compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        docker = shutil.which("docker")
        if docker is None:
            raise ServiceError(
                "docker is not installed; install Docker Engine, or serve without: --way local"
            )
        command = [docker, "compose", "--file", str(self._compose_file), *arguments]
        return subprocess.run(  # noqa: S603 -- the user's own Docker and compose file
            command, capture_output=True, text=True, errors="replace", check=False
        )


def is_docker_there() -> bool:
    """Whether ``docker compose`` can be called."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    done = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)  # noqa: S603 -- the same
    return done.returncode == 0

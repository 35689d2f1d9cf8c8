"""A server that runs as a container: a service of docker-compose.yml, through ``docker compose``.

https://docs.docker.com/reference/cli/docker/compose/
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.diagnosis import diagnose, last_lines
from pytest_humaneval.server.service import ServiceError, port_of

COMPOSE_FILE = "docker-compose.yml"


class ComposeService:
    """One service of a compose file: of the server's name, or ``NAME-cpu`` for the one that needs no GPU."""

    def __init__(self, server: Server, compose_file: Path, on_cpu: bool = False) -> None:
        """Describe the service; nothing is started.

        Raises:
            ConfigError: the server's URL is that of another machine.
        """
        # For its check alone: the port itself stands in the compose file.
        port_of(server)
        self.server, self._compose_file = server, compose_file
        self._name = f"{server.name}-cpu" if on_cpu else server.name

    def is_running(self) -> bool:
        """Return whether the container exists and runs."""
        done = self._compose("ps", "--quiet", "--status", "running", self._name)
        return done.returncode == 0 and bool(done.stdout.strip())

    def begin(self) -> bool:
        """Create and start the container of this service alone; return False if it is running.

        Raises:
            ServiceError: Docker is not installed, cannot be reached, or refuses.
        """
        if self.is_running():
            return False
        # Without --no-deps, up would start the service's neighbours that it depends on as well.
        done = self._compose("up", "--detach", "--no-deps", self._name)
        if done.returncode:
            messages = done.stderr.splitlines()
            cause = diagnose(messages) or "docker compose refuses"
            raise ServiceError(
                f'server "{self.server.name}" cannot be started: {cause}{last_lines(messages)}'
            )
        return True

    def end(self) -> bool:
        """Stop and remove the container of this service alone; return whether it was running."""
        was_running = self.is_running()
        # Without --force, rm asks for confirmation and waits.
        self._compose("rm", "--stop", "--force", self._name)
        return was_running

    def log(self, lines: int) -> list[str]:
        """Return the last ``lines`` lines of the container's log."""
        # A prefix ("instruct-1  | ") would stand before every line of what the user is shown.
        done = self._compose("logs", "--no-color", "--no-log-prefix", "--tail", str(lines), self._name)
        return done.stdout.splitlines(keepends=True)

    def description(self) -> str:
        """Return the service's name and its compose file."""
        return f"service {self._name} of {self._compose_file}"

    def _compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        docker = shutil.which("docker")
        if docker is None:
            raise ServiceError(
                "docker is not installed; install Docker Engine, or serve without: --way local"
            )
        command = [docker, "compose", "--file", str(self._compose_file), *arguments]
        # The user's own Docker and compose file. A log may hold any bytes, hence errors="replace".
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603


def is_docker_available() -> bool:
    """Return whether ``docker compose`` can be called."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    # docker alone is not enough: Compose is a plugin, which a Docker Engine may lack.
    done = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0

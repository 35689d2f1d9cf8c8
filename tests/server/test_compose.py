"""Servers that run as containers; a stand-in for Docker's program writes down what it is called with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.compose import ComposeService
from pytest_humaneval.server.lifecycle import start
from pytest_humaneval.server.service import ServiceError
from tests.support.programs import docker

FILE = Path("compose.yml")


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for Docker on the PATH; return the file of its calls, one a line."""
    monkeypatch.setenv("PATH", f"{docker(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "calls"


def service(port: int = 8001, *, on_cpu: bool = False) -> ComposeService:
    """Return the service of the server ``instruct``."""
    return ComposeService(Server(f"http://localhost:{port}/v1", "m", name="instruct"), FILE, on_cpu)


def test_only_the_chosen_service_is_started_and_stopped(calls: Path) -> None:
    """Its neighbours in the compose file are not touched."""
    instruct = service()

    before = instruct.is_running()
    instruct.begin()

    assert (before, instruct.is_running()) == (False, True)
    assert (instruct.end(), instruct.is_running()) == (True, False)
    changing = [call for call in calls.read_text().splitlines() if " up " in call or " rm " in call]
    assert changing == [
        "compose --file compose.yml up --detach --no-deps instruct",
        "compose --file compose.yml rm --stop --force instruct",
    ]


def test_the_service_without_gpu_has_a_name_of_its_own(calls: Path) -> None:
    """On the CPU the service is NAME-cpu, so that a machine without a GPU can serve as well."""
    service(on_cpu=True).begin()

    assert calls.read_text().splitlines()[-1].endswith("up --detach --no-deps instruct-cpu")


def test_what_docker_refuses_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message gives the cause and the remedy, and quotes Docker's own message."""
    refusal = "could not select device driver nvidia with capabilities: [[gpu]]"
    docker(tmp_path, up=f"sys.exit({refusal!r})")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match="no GPU that it could use") as caught:
        service().begin()

    assert refusal in str(caught.value)


def test_no_docker_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the other backend, which needs no Docker."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match=r"docker is not installed.*--way local"):
        service().begin()


def test_a_container_that_ends_while_it_is_waited_for(calls: Path) -> None:
    """The message ends with the last lines of its log."""
    # No server listens on the discard port, so that start waits; its first report ends the container.
    dying = service(9)

    with pytest.raises(ServiceError, match="a line of the container's log"):
        start(dying, lambda _text: (calls.parent / "up").unlink(missing_ok=True))


@pytest.mark.usefixtures("calls")
def test_docker_is_the_default_where_it_is_installed(tmp_path: Path) -> None:
    """Without --way, a server that the compose file has a service for is looked up at Docker."""
    command = [sys.executable, "-m", "pytest_humaneval.server", "status", "instruct"]
    (tmp_path / "experiments.toml").write_text(
        '[servers.instruct]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
    )
    subprocess.run([tmp_path / "docker", *("compose", "--file", "x", "up")], check=True)

    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert "running, does not answer yet; service instruct of" in printed

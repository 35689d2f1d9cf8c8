"""Servers as containers: what Docker is asked to do, told by a stand-in for its program."""

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
    """A Docker that does as it is told; the file of its calls."""
    monkeypatch.setenv("PATH", f"{docker(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "calls"


def service(port: int = 8001, **how: bool) -> ComposeService:
    """The instruct model's service."""
    return ComposeService(Server(f"http://localhost:{port}/v1", "m", name="instruct"), FILE, **how)


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
    """So that a machine without one can be served as well."""
    service(on_cpu=True).begin()

    assert calls.read_text().splitlines()[-1].endswith("up --detach --no-deps instruct-cpu")


def test_what_docker_refuses_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason and the remedy, with Docker's own words."""
    refusal = "could not select device driver nvidia with capabilities: [[gpu]]"
    docker(tmp_path, up=f"sys.exit({refusal!r})")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match="no GPU that it could use") as caught:
        service().begin()

    assert refusal in str(caught.value)


def test_no_docker_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SessionSummary with the other way to serve."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match=r"docker is not installed.*--way local"):
        service().begin()


def test_a_container_that_ends_while_it_is_waited_for(calls: Path) -> None:
    """Its log's last words are told."""
    dying = service(9)

    with pytest.raises(ServiceError, match="a line of the container's log"):
        start(dying, lambda _text: (calls.parent / "up").unlink(missing_ok=True))


@pytest.mark.usefixtures("calls")
def test_docker_is_the_way_where_it_is_there(tmp_path: Path) -> None:
    """Without --way, a service of the compose file is started by Docker."""
    command = [sys.executable, "-m", "pytest_humaneval.server", "status", "instruct"]
    subprocess.run([tmp_path / "docker", *("compose", "--file", "x", "up")], check=True)

    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert "service instruct of" in told or "one that was not started" in told

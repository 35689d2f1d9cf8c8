"""Real MLflow tracking servers for the tests: on loopback, with a SQLite store."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

# A guard against waiting for ever: the first start creates the store's tables in a hundred steps.
_DEADLINE_S = 180.0
_NEEDED = ("mlflow", "alembic", "flask", "flask_cors", "graphene", "gunicorn", "sqlalchemy")


class TrackingServer:
    """A tracking server, with its store and its artifacts in ``folder``.

    Attributes:
        database: the file of its SQLite store.
        uri: its address.
        pid: of its process, which leads a group of its own.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.database, self.uri = folder / "mlflow.db", f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--backend-store-uri", f"sqlite:///{self.database}", "--workers", "1"]
        # Without uvicorn it needs fewer packages.
        command += ["--artifacts-destination", str(folder / "artifacts"), "--gunicorn-opts", "--preload"]
        self._log = folder / "server.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def wait(self) -> None:
        """Wait until it answers."""
        deadline_s = time.monotonic() + _DEADLINE_S
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline_s, self._log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """End its processes; a second call does nothing."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:  # noqa: S310 (loopback)
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="session")
def tracking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """Return a tracking server that all tests share."""
    yield from _served(tmp_path_factory.mktemp("mlflow"))


@pytest.fixture
def mortal_tracking_server(tracking_server: TrackingServer, tmp_path: Path) -> Iterator[TrackingServer]:
    """Return a tracking server for one test, which may end it."""
    # With a copy of the tables, which take longer to create than all else.
    shutil.copy(tracking_server.database, tmp_path)
    yield from _served(tmp_path)


def _served(folder: Path) -> Iterator[TrackingServer]:
    for module in _NEEDED:
        pytest.importorskip(module, reason=f"{module} is not installed; the extra dev has it")
    # What MLflow's own processes, and its client in the tests, would send to its makers.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    server = TrackingServer(folder)
    try:
        server.wait()
        yield server
    finally:
        server.stop()

"""Real Redis servers for the tests, on loopback, ended with the test."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# With characters that must be quoted in a URL. It guards a server that lives as long as a test.
PASSWORD = "se:cr@et"  # noqa: S105
_DEADLINE_S = 60.0


class RedisServer:
    """A Redis server for one test, empty at the start."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self.url = f"redis://:se%3Acr%40et@127.0.0.1:{port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with the data that an earlier start has kept."""
        program = shutil.which("redis-server")
        assert program is not None
        # Every SET is on disk before its answer, so that a killed server comes back with all of them.
        options = f"--bind 127.0.0.1 --port {self.port} --appendonly yes --appendfsync always --save"
        command = [program, *options.split(), "", "--requirepass", PASSWORD]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        deadline_s = time.monotonic() + _DEADLINE_S
        while not self._answers():
            assert self._process.poll() is None, "redis-server has ended"
            assert time.monotonic() < deadline_s, "redis-server does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(1))
        except OSError:
            return False


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Return a running Redis server with a password."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian's package redis-server)")
    pytest.importorskip("redis", reason="the extra redis is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = RedisServer(tmp_path_factory.mktemp("redis"), port)
    try:
        server.start()
        yield server
    finally:
        server.kill()

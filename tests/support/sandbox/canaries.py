"""Canaries: files, listeners and processes of the user that candidates must not touch, and the harness."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SECRET = "canary-4f1d"  # noqa: S105 -- to be leaked, if it can be
FILES = {"keep.txt": "keep\n", "secret.txt": SECRET, "results.jsonl": "{}\n", "sub/inner.txt": "inner\n"}
SHARED_FOLDERS = tuple(map(Path, ("/tmp", "/var/tmp", "/dev/shm")))  # noqa: S108 -- are looked at for litter
DATAGRAM_NAME = "heval-dgram"
_LIMITS = [number for name, number in vars(resource).items() if name.startswith("RLIMIT_")]

Facts = dict[str, object]


@dataclass
class Canaries:
    """What candidates must not touch.

    Attributes:
        folder: a folder of the user's.
        port: of a TCP and a UDP listener on loopback.
        name: of an abstract Unix socket with a listener.
        process: an innocent process of the same user.
        before: the facts of all these, and of this process, at the start.
    """

    folder: Path
    listeners: list[socket.socket]
    port: int
    name: str
    process: subprocess.Popen[bytes]
    before: Facts = field(default_factory=dict)

    def source(self, completion: str) -> str:
        """Return a completion with the canaries' names in it."""
        values = {"DIR": str(self.folder), "PORT": self.port, "SOCK": self.name, "PID": self.process.pid}
        for name, value in values.items():
            completion = completion.replace("{{CANARY_" + name + "}}", repr(value))
        return completion

    def facts(self) -> Facts:
        """Return the state of the canaries and of this process, to be compared."""
        found: Facts = {}
        for path in (self.folder, *sorted(self.folder.rglob("*"))):
            found[f"file {path.relative_to(self.folder)}"] = _attributes(path)
        for name, pid in (("canary process", self.process.pid), ("harness", os.getpid())):
            found.update({f"{name}'s {what}": value for what, value in _settings(pid).items()})
        return found

    def harm(self) -> list[str]:
        """Return what was done to them so far."""
        if self.process.poll() is not None:
            found = ["canary process killed"]
        else:
            after = self.facts()
            names = sorted(set(self.before) | set(after))
            found = [f"{name} changed" for name in names if self.before.get(name) != after.get(name)]
        found += [name for name, text in FILES.items() if not self._holds(name, text)]
        found += [f"connection to {_described(one)}" for one in self.listeners if _was_reached(one)]
        found += [f"left {path}" for path in sorted(_litter() - LITTER_BEFORE)]
        found += [path for path in sys.path if Path(path, "heval_pwned.pth").exists()]
        return found

    def _holds(self, name: str, text: str) -> bool:
        with suppress(OSError):
            return (self.folder / name).read_text() == text
        return False


@contextmanager
def canaries() -> Iterator[Canaries]:
    """Provide canaries as long as the context lasts."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="canary-"))
        stack.callback(_remove, folder)
        (folder / "sub").mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        listeners, port = _listeners(stack, folder)
        process = stack.enter_context(subprocess.Popen(["sleep", "600"]))  # noqa: S607 -- any will do
        stack.callback(process.kill)
        os.environ["OPENAI_API_KEY"] = SECRET
        found = Canaries(folder, listeners, port, folder.name, process)
        found.before = found.facts()
        yield found


def _listeners(stack: ExitStack, folder: Path) -> tuple[list[socket.socket], int]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(tcp.getsockname())
    unix = stack.enter_context(socket.socket(socket.AF_UNIX))
    unix.bind(f"\0{folder.name}")
    unix.listen()
    found = [tcp, udp, unix]
    for address in (str(folder / "dgram.sock"), f"\0{folder.name}-dgram", f"\0{DATAGRAM_NAME}"):
        one = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        # The last name is a fixed one, and another run of the tests may have it.
        with suppress(OSError):
            one.bind(address)
            found.append(one)
    return found, tcp.getsockname()[1]


def _described(listener: socket.socket) -> str:
    return f"{listener.family.name} {listener.type.name} {listener.getsockname()!r}"


def _was_reached(listener: socket.socket) -> bool:
    listener.setblocking(False)
    try:
        listener.recvfrom(1) if listener.type == socket.SOCK_DGRAM else listener.accept()
    except BlockingIOError:
        return False
    return True


def _remove(folder: Path) -> None:
    with suppress(OSError):
        folder.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _attributes(path: Path) -> object:
    try:
        # The time of change shows changed attributes and ACLs, too.
        found = path.lstat()
    except OSError as error:
        return str(error)
    return found.st_mode, found.st_uid, found.st_gid, found.st_nlink, found.st_size, found.st_ctime_ns


def _settings(pid: int) -> Facts:
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return {
        "priority": os.getpriority(os.PRIO_PROCESS, pid),
        "limits": [resource.prlimit(pid, number) for number in _LIMITS],
        "cores": os.sched_getaffinity(pid),
        "scheduling": os.sched_getscheduler(pid),
        "groups": (os.getpgid(pid), os.getsid(pid)),
        "stop": state in "tT",
    }


def _litter() -> set[str]:
    found = {path for folder in SHARED_FOLDERS if folder.is_dir() for path in folder.iterdir()}
    return {str(path) for path in found if path.name.startswith("heval_")}


LITTER_BEFORE = _litter()

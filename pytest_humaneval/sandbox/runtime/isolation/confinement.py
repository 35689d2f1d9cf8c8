"""The layers around a candidate: what is put on, in which order, and what could not be.

    once, by the process that forks candidates     namespaces, or else parent of all orphans
                                                   a user without privileges, no capabilities
                                                   no new privileges, memory hidden from others
                                                   system calls refused, Landlock, resource limits
    by each candidate's process                    a room and a process number as if it were the first
                                                   a session and descriptors of its own, a limit of CPU time
      without namespaces also                      dies with its parent, Landlock, more system calls refused

Each layer is tried, and left out where the platform lacks it. As much as possible is inherited, for whatever
a fresh child does costs it copies of memory.
"""

from __future__ import annotations

import _socket as socket  # see ``wire``
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from . import namespaces, privileges, seccomp
from .landlock import Landlock
from .libraries import Libraries, find_libraries
from .rlimits import OPEN_FILES, ResourceLimits
from .scratch import MountedScratch, Scratch
from .settings import BASIC, JAIL, WorkerSettings

_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")))
_ROOT = Path("/")
# Of the process tree of whoever writes, wherever it was opened: proc_sys_kernel(5).
_LAST_PROCESS = Path("/proc/sys/kernel/ns_last_pid")

LayerReport = dict[str, str]


class Confinement:
    """The layers of one worker.

    Args:
        settings: limits, and what the host has to offer.
        level: ``JAIL`` (with namespaces), ``OPEN`` (all but these) or ``BASIC`` (what every platform has).
        top: the folder for scratch; within a jail it is there.

    Attributes:
        report: why a layer is missing, under its name; empty for one that is in use.
        reaches_only_its_own: whether this process can signal none but itself and those below it.
    """

    def __init__(self, settings: WorkerSettings, level: str, top: Path) -> None:
        self.report: LayerReport = {}
        self.scratch = Scratch(top)
        self._jailed = level == JAIL
        self.reaches_only_its_own = self._jailed
        self._basic = level == BASIC
        self._limits = ResourceLimits(settings.timeout_s, settings.memory_mib)
        self._libraries = find_libraries(settings.site)
        self._libraries.open_to_imports()
        self._user = privileges.user_for_candidates()
        self._landlock: Landlock | None = None
        self._filter: seccomp.SharedMachineFilter | None = None
        self._no_capabilities = privileges.Capabilities()
        self._last_process: int | None = None

    def enter(self) -> None:
        """Put the lasting layers on; in a jail, go on in the process that all others in there descend from.

        Raises:
            OSError: the jail is not allowed; this process is of no use then.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ["TMPDIR"] = str(self.scratch.folder)
        sys.modules.pop("tempfile", None)  # it remembers the host's folder
        if self._jailed:
            self._enter_jail()
        else:
            self._try("orphans", privileges.adopt_orphans)
        if not self._basic:
            self._try("user", self._drop_root)
            self._try("capabilities", self._limit_capabilities)
            self._try("no new privileges", privileges.stay_unprivileged)
            self._try("memory", privileges.hide_memory)
            self._try("landlock", self._prepare_landlock)
            self._try("system calls", self._restrict_calls)
        if self._jailed:  # after the change of user, which undoes it
            privileges.die_with_parent()
        self._limits.apply(0 if self._jailed else privileges.count_own_processes())

    def _enter_jail(self) -> None:
        privileges.die_with_parent()
        with contextlib.suppress(OSError):  # tried when there is a process tree to choose numbers in
            self._last_process = os.open(_LAST_PROCESS, os.O_WRONLY)
        namespaces.enter(self._user, self._libraries)
        self.report["namespaces"] = ""
        ours, keepers = socket.socketpair()
        inner = os.fork()
        if inner:
            ours.close()
            _keep_jail(keepers, inner, self._user)
        keepers.close()
        self.scratch = MountedScratch(namespaces.TOP, ours)

    def _limit_capabilities(self) -> None:
        privileges.limit_capabilities(*([privileges.CHECKPOINT_RESTORE] if self._jailed else []))
        if self._jailed:
            self._try("process numbers", self.make_number_the_first)

    def make_number_the_first(self) -> None:
        """In a jail, let the next process have the number that the first candidate had.

        Raises:
            OSError: the kernel does not let this process choose.
        """
        if self._last_process is None:
            raise OSError(f"{_LAST_PROCESS} cannot be written")
        os.pwrite(self._last_process, b"1", 0)

    def prepare_child(self) -> None:
        """Make everything ready for a candidate as if it were the first one, before its process is forked.

        Raises:
            OSError: there is no room for it.
        """
        self.scratch.make()
        if self.report.get("process numbers") == "":
            self.make_number_the_first()
        # Opened anew, for the flags and the place of an open file are those of all who hold it. Here, not in
        # the child, which would have to copy the memory that this touches.
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

    def confine_child(self, wire: int) -> None:
        """Put the rest on this process, which is going to run one candidate.

        Args:
            wire: the descriptor that it serves on; of others it keeps the standard ones alone.

        Raises:
            OSError: some of it does not hold.
        """
        os.setsid()
        self._limits.apply_cpu_time()
        if self._jailed:
            self._no_capabilities.set()
        else:
            with contextlib.suppress(OSError):
                privileges.die_with_parent()
        if self._landlock and not self._jailed:
            self._landlock.restrict()
            Landlock([], [], [self.scratch.room, *_DEVICES], only_writing=True).restrict()
        if self._filter:
            self._filter.restrict()
        os.closerange(3, wire)
        os.closerange(wire + 1, OPEN_FILES)

    def _try(self, layer: str, action: Callable[[], None]) -> None:
        try:
            action()
        except (OSError, KeyError) as error:
            self.report[layer] = str(error) or type(error).__name__
        else:
            self.report[layer] = ""

    def _drop_root(self) -> None:
        if os.geteuid() != 0:
            return
        if self._user == 0:
            raise PermissionError("this user namespace has no user but root")
        if not self._jailed and not _readable_by(self._user, self._libraries):
            raise PermissionError("an unprivileged user could not read the standard library")
        if not self._jailed:
            os.chown(self.scratch.top, self._user, self._user)
        privileges.become(self._user)
        self.reaches_only_its_own |= privileges.is_nobody_else(self._user)

    def _prepare_landlock(self) -> None:
        writable = [self.scratch.top, *_DEVICES]
        readable = [_ROOT] if self._jailed else self._libraries.readable()
        listable = [*self._libraries.folders, *map(Path, self._libraries.site)]
        self._landlock = Landlock(readable, listable, writable, own_network=self._jailed)
        if self._jailed:  # where nobody can be harmed by a signal, one set of rules does for this process too
            self._landlock.restrict()

    def _restrict_calls(self) -> None:
        seccomp.restrict_calls()
        if not self._jailed:
            self._filter = seccomp.SharedMachineFilter()


def _keep_jail(requests: socket.socket, inner: int, owner: int) -> None:
    """Serve the process inside the jail, hold nothing else, and end as it did."""
    os.closerange(0, requests.fileno())
    os.closerange(requests.fileno() + 1, OPEN_FILES)
    namespaces.keep(requests, owner)
    requests.close()
    _, status = os.waitpid(inner, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _readable_by(user: int, libraries: Libraries) -> bool:
    probe = os.fork()
    if probe == 0:
        try:
            privileges.become(user)
            os._exit(0 if all(os.access(folder, os.R_OK | os.X_OK) for folder in libraries.folders) else 1)
        finally:
            os._exit(1)
    _, status = os.waitpid(probe, 0)
    return status == 0

"""The layers around a candidate: what is put on, in which order, and what could not be.

    once, by the process that forks candidates     namespaces, or else parent of all orphans
                                                   a user without privileges, no capabilities
                                                   no new privileges, memory hidden from others
                                                   system calls refused, Landlock, resource limits
    by each candidate's process                    a session of its own, a limit of CPU time
      without namespaces also                      dies with its parent, Landlock, no signals to others

Each layer is tried, and left out where the platform lacks it. As much as possible is inherited, for whatever
a fresh child does costs it copies of memory.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from . import jail, privileges, seccomp
from .landlock import Landlock
from .libraries import Libraries, find_libraries
from .limits import Limits
from .scratch import Scratch
from .settings import BASIC, JAIL, Settings

_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")))
_ROOT = Path("/")

Report = dict[str, str]


class Confinement:
    """The layers of one worker.

    Args:
        settings: limits, and what the host has to offer.
        level: ``JAIL`` (with namespaces), ``OPEN`` (all but these) or ``BASIC`` (what every platform has).
        scratch: where candidates may write; within a jail it is there.

    Attributes:
        report: why a layer is missing, under its name; empty for one that is in use.
        reaches_only_its_own: whether this process can signal none but itself and those below it.
    """

    def __init__(self, settings: Settings, level: str, scratch: Scratch) -> None:
        self.report: Report = {}
        self.scratch = scratch
        self._jailed = level == JAIL
        self.reaches_only_its_own = self._jailed
        self._basic = level == BASIC
        self._limits = Limits(settings.timeout_s, settings.memory_mib)
        self._libraries = find_libraries(settings.site)
        self._libraries.open_to_imports()
        self._user = privileges.user_for_candidates()
        self._landlock: Landlock | None = None

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
            self._try("capabilities", privileges.drop_capabilities)
            self._try("no new privileges", privileges.stay_unprivileged)
            self._try("memory", privileges.hide_memory)
            self._try("landlock", self._prepare_landlock)
            self._try("system calls", seccomp.restrict_calls)
        with contextlib.suppress(OSError):
            privileges.die_with_parent()
        self._limits.apply(0 if self._jailed else privileges.count_own_processes())

    def _enter_jail(self) -> None:
        privileges.die_with_parent()
        jail.enter(self._user, self._libraries)
        self.report["namespaces"] = ""
        inner = os.fork()
        if inner:
            _pass_away_with(inner)

    def confine_child(self) -> None:
        """Put the rest on this process, which is going to run one candidate."""
        os.setsid()
        self._limits.apply_cpu_time()
        if self._jailed:
            return
        with contextlib.suppress(OSError):
            privileges.die_with_parent()
        if self._landlock:
            self._landlock.restrict()
        if self.report.get("system calls") == "":
            seccomp.restrict_signals()

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
        os.chown(self.scratch.base, self._user, self._user)
        privileges.become(self._user)
        self.reaches_only_its_own |= privileges.is_nobody_else(self._user)

    def _prepare_landlock(self) -> None:
        writable = [self.scratch.base, *_DEVICES]
        readable = [_ROOT] if self._jailed else self._libraries.readable()
        listable = [*self._libraries.folders, *map(Path, self._libraries.site)]
        self._landlock = Landlock(readable, listable, writable)
        if self._jailed:  # where nobody can be harmed by a signal, one set of rules does for this process too
            self._landlock.restrict()


def _pass_away_with(inner: int) -> None:
    """Wait for a process, hold nothing, and end as it did."""
    os.closerange(0, 256)
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

"""Apply the layers of isolation, in order, and report the ones that could not be applied.

    once, by the process that forks candidates     namespaces, or else parent of all orphans
                                                   a user without privileges, no capabilities
                                                   no new privileges, memory hidden from others
                                                   Landlock, system calls refused, resource limits
    by each candidate's process                    a scratch area and a process number like the first one's
                                                   a session, descriptors, and limits of CPU time and memory
      without namespaces also                      dies with its parent, Landlock, more system calls refused

Each layer is tried, and left out where the platform lacks it. As much as possible is applied once and
inherited: each page of memory that a fresh child touches has to be copied for it.
"""

from __future__ import annotations

# Not ``socket``, see ``wire``.
import _socket as socket
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from . import namespaces, privileges, seccomp
from .landlock import Landlock
from .libraries import Libraries, find_libraries
from .rlimits import OPEN_FILES, ResourceLimits, apply_common_limits
from .scratch import MountedScratch, Scratch
from .settings import BASIC, NAMESPACES, WorkerSettings
from .syscalls import Step

_DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")))
_ROOT = Path("/")
# A write sets the counter of the writer's own process namespace, wherever the file was opened:
# proc_sys_kernel(5).
_LAST_PROCESS = Path("/proc/sys/kernel/ns_last_pid")

LayerReport = dict[str, str]


class Confinement:
    """The layers of one worker's candidates.

    Args:
        settings: the worker's.
        level: ``NAMESPACES`` (all layers), ``OPEN`` (all but namespaces) or ``BASIC`` (for all platforms).
        top: the scratch folder; with namespaces, its path inside them.

    Attributes:
        report: why a layer is missing, under its name; empty for one that is in use.
        can_signal_only_descendants: whether this process can signal only itself and its descendants.
    """

    def __init__(self, settings: WorkerSettings, level: str, top: Path) -> None:
        self.report: LayerReport = {}
        self.scratch = Scratch(top)
        self._has_namespaces = level == NAMESPACES
        self.can_signal_only_descendants = self._has_namespaces
        self._basic = level == BASIC
        self._libraries = find_libraries(settings.site)
        self._libraries.enable_imports()
        self._user = privileges.user_for_candidates()
        self._landlock: Landlock | None = None
        self._filter: seccomp.SharedMachineFilter | None = None
        self._no_capabilities = privileges.Capabilities()
        self._last_process: int | None = None

    def enter(self) -> None:
        """Apply the layers that candidates inherit.

        With namespaces, this forks and returns in the child, the first process of the process namespace.

        Raises:
            OSError: namespaces are not allowed; this process must not go on then.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ["TMPDIR"] = str(self.scratch.folder)
        # It has cached the host's folder for temporary files.
        sys.modules.pop("tempfile", None)
        if self._has_namespaces:
            self._enter_namespaces()
        else:
            self._try("orphans", privileges.adopt_orphans)
        if not self._basic:
            self._try("user", self._drop_root)
            self._try("capabilities", self._limit_capabilities)
            self._try("no new privileges", privileges.stay_unprivileged)
            self._try("memory", privileges.hide_memory)
            self._try("landlock", self._prepare_landlock)
            self._try("system calls", self._restrict_calls)
        # Again, after the change of user, which undoes it.
        if self._has_namespaces:
            privileges.die_with_parent()
        apply_common_limits(0 if self._has_namespaces else privileges.count_own_processes())

    def _enter_namespaces(self) -> None:
        privileges.die_with_parent()
        # Opened now, for later /proc is gone. Whether it can be written shows when the namespaces are there.
        with contextlib.suppress(OSError):
            self._last_process = os.open(_LAST_PROCESS, os.O_WRONLY)
        namespaces.enter(self._user, self._libraries)
        self.report["namespaces"] = ""
        ours, mounter_end = socket.socketpair()
        inner = os.fork()
        if inner:
            ours.close()
            _run_mounter(mounter_end, inner, self._user)
        mounter_end.close()
        self.scratch = MountedScratch(namespaces.TOP, ours)

    def _limit_capabilities(self) -> None:
        privileges.limit_capabilities(*([privileges.CHECKPOINT_RESTORE] if self._has_namespaces else []))
        if self._has_namespaces:
            self._try("process numbers", self.reset_process_counter)

    def reset_process_counter(self) -> None:
        """Set the process counter back, so that every candidate is process 2 of the namespace.

        Raises:
            OSError: the kernel does not let this process choose numbers.
        """
        if self._last_process is None:
            raise OSError(f"{_LAST_PROCESS} cannot be written")
        os.pwrite(self._last_process, b"1", 0)

    def prepare_child(self) -> None:
        """Make what the next candidate finds the same as for the first one; to be called before the fork.

        Raises:
            OSError: its scratch area cannot be made.
        """
        self.scratch.make()
        if self.report.get("process numbers") == "":
            self.reset_process_counter()
        # Opened anew for each candidate: status flags and position belong to the open file description, which
        # all holders share (open(2)). Here, not in the child, which would have to copy the memory it touches.
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

    def child_steps(self, wire: int, limits: ResourceLimits) -> list[Step]:
        """Return the calls that apply the remaining layers to a process which is going to run one candidate.

        Prepared before the fork, and with namespaces calls of the interpreter's own functions: the child runs
        no code of ours for them, of which each page that it touches would be copied.

        Args:
            limits: what the candidate may use.
            wire: the descriptor to serve on; all others but the standard ones are closed.
        """
        # A session of its own: the signals of a terminal or a process group are not shared with the next one.
        steps: list[Step] = [(os.setsid, ()), *limits.steps()]
        if self._has_namespaces:
            steps.append(self._no_capabilities.step())
        else:
            steps.append((self._confine_without_namespaces, ()))
        # Last: the layers above use descriptors of the fork server.
        return [*steps, (os.closerange, (3, wire)), (os.closerange, (wire + 1, OPEN_FILES))]

    def _confine_without_namespaces(self) -> None:
        # Only Linux has it.
        with contextlib.suppress(OSError):
            privileges.die_with_parent()
        if self._landlock:
            self._landlock.restrict()
            # Domains add up: of the scratch folder, which the first rules allow whole, only the candidate's
            # area stays writable. Made here, for the area is a new folder each time, and a rule holds for one
            # inode.
            Landlock([], [], [self.scratch.area, *_DEVICES], only_writing=True).restrict()
        if self._filter:
            self._filter.restrict()

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
        if not self._has_namespaces and not _readable_by(self._user, self._libraries):
            raise PermissionError("an unprivileged user could not read the standard library")
        if not self._has_namespaces:
            os.chown(self.scratch.top, self._user, self._user)
        privileges.switch_user(self._user)
        self.can_signal_only_descendants |= privileges.is_nobody_else(self._user)

    def _prepare_landlock(self) -> None:
        writable = [self.scratch.top, *_DEVICES]
        readable = [_ROOT] if self._has_namespaces else self._libraries.readable()
        listable = [*self._libraries.folders, *map(Path, self._libraries.site)]
        self._landlock = Landlock(readable, listable, writable, own_network=self._has_namespaces)
        # Here, once for all candidates: the first process of a namespace cannot be signalled from inside
        # anyway. Without namespaces each candidate enters a domain of its own, and its signals to this
        # process are refused.
        if self._has_namespaces:
            self._landlock.restrict()

    def _restrict_calls(self) -> None:
        seccomp.restrict_calls()
        if not self._has_namespaces:
            self._filter = seccomp.SharedMachineFilter()


def _run_mounter(requests: socket.socket, inner: int, owner: int) -> None:
    """Mount scratch areas for the process inside the namespaces, and exit with its status when it ends."""
    os.closerange(0, requests.fileno())
    os.closerange(requests.fileno() + 1, OPEN_FILES)
    namespaces.serve_mounts(requests, owner)
    requests.close()
    _, status = os.waitpid(inner, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _readable_by(user: int, libraries: Libraries) -> bool:
    # In a child: a change of user is for good.
    probe = os.fork()
    if probe == 0:
        try:
            privileges.switch_user(user)
            os._exit(0 if all(os.access(folder, os.R_OK | os.X_OK) for folder in libraries.folders) else 1)
        finally:
            os._exit(1)
    _, status = os.waitpid(probe, 0)
    return status == 0

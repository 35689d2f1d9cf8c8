"""Give up privileges for good: root, capabilities, being traced, outliving the parent process."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
from pathlib import Path

from . import syscalls

# Far above the user ids that systems, containers and services hand out.
_FIRST_USER = 2_100_000_000
_NOBODY = 65_534
_CAPABILITY_VERSION_3 = 0x2008_0522
# The capability to choose process numbers, and little else: capabilities(7), since Linux 5.9.
CHECKPOINT_RESTORE = 40


def user_for_candidates() -> int:
    """Return the id of the user to run candidates as.

    For root it is one that no other process has, or 0 if this user namespace maps none; else the present one.
    """
    if os.geteuid() != 0:
        return os.geteuid()
    # Random, so that two workers hardly ever share a user: limits of processes, pipes and inotify count by
    # user.
    choices = (_FIRST_USER + int.from_bytes(os.urandom(3), "big"), _NOBODY)
    return next((user for user in choices if _is_mapped(user)), 0)


def is_nobody_else(user: int) -> bool:
    """Return whether no other process runs as a user that ``user_for_candidates`` returned to root."""
    return user != _NOBODY


def _is_mapped(user: int) -> bool:
    """Return whether this user namespace has the user, and a group of the same number."""
    for name in ("uid_map", "gid_map"):
        path = Path("/proc/self", name)
        lines = path.read_text().splitlines() if path.exists() else []
        ranges = [tuple(map(int, line.split())) for line in lines]
        if not any(first <= user < first + length for first, _, length in ranges):
            return False
    return True


def switch_user(user: int) -> None:
    """Switch to a user and group, for good; the capabilities are left to ``limit_capabilities``.

    Raises:
        OSError: it is not allowed.
    """
    # Else the change of user would drop all capabilities, also the one to choose process numbers.
    syscalls.prctl(syscalls.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def limit_capabilities(*kept: int) -> None:
    """Drop all capabilities but these, for good.

    Raises:
        OSError: it is not allowed.
    """
    # Dropping needs a capability itself (CAP_SETPCAP); without any there is nothing to bound. The first
    # number that the kernel does not know ends the loop.
    with contextlib.suppress(OSError):
        for number in range(64):
            syscalls.prctl(syscalls.PR_CAPBSET_DROP, number)
    syscalls.prctl(syscalls.PR_CAP_AMBIENT, syscalls.PR_CAP_AMBIENT_CLEAR_ALL)
    try:
        Capabilities(*kept).set()
    # It has not had them.
    except PermissionError:
        Capabilities().set()


class Capabilities:
    """A set of capabilities that a process can be limited to: capset(2)."""

    def __init__(self, *kept: int) -> None:
        bits = sum(1 << number for number in kept)
        low, high = bits & 0xFFFF_FFFF, bits >> 32
        # Effective, permitted, inheritable: for the first 32 capabilities, then for the others.
        data = struct.pack("6I", low, low, 0, high, high, 0)
        self._arguments = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), data

    def set(self) -> None:
        """Limit this process to them, for good.

        Raises:
            OSError: it is not allowed.
        """
        syscalls.capset(*self._arguments)

    def step(self) -> syscalls.Step:
        """Return ``set`` as a step that runs no other code of ours."""
        return syscalls.capset_step(*self._arguments)


def stay_unprivileged() -> None:
    """Let no program file raise this process's privileges (PR_SET_NO_NEW_PRIVS).

    Raises:
        OSError: it is not allowed.
    """
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)


def hide_memory() -> None:
    """Let no other process read this one's memory, and write no core dump (PR_SET_DUMPABLE).

    To be called after uid_map was written: from then on files of /proc/self belong to root.

    Raises:
        OSError: it is not allowed.
    """
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Have this process killed when its parent ends. A change of user undoes it.

    Raises:
        OSError: it is not allowed.
    """
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every process below this one that loses its own.

    Raises:
        OSError: it is not allowed.
    """
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)


def count_own_processes() -> int | None:
    """Return how many processes and threads run under this process's user; None where it is unknown."""
    if not Path("/proc/self/task").exists():
        return None
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == os.getuid():
                count += sum(1 for _ in (entry / "task").iterdir())
    return count

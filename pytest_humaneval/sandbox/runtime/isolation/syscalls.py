"""Linux system calls that ``os`` lacks, through ctypes; each raises OSError where it fails."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from typing import Any

# A call that was prepared: a function and its arguments. It has failed if it raises OSError or returns -1.
Step = tuple[Callable[..., Any], tuple[Any, ...]]

IS_LINUX = sys.platform.startswith("linux")

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x4_0000
MNT_DETACH = 0x2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def _checked(result: int, what: str) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, *arguments: int) -> None:
    """Change an attribute of this process: prctl, section 2 of the manual."""
    # Unused arguments must be 0 for some options, and all five are read as longs whatever was passed:
    # prctl(2).
    padded = (*arguments, 0, 0, 0, 0)[:4]
    _checked(_library().prctl(option, *map(ctypes.c_ulong, padded)), f"prctl({option})")


def unshare(flags: int) -> None:
    """Enter new namespaces: unshare, section 2 of the manual."""
    _checked(_library().unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Attach a file system: mount, section 2 of the manual."""
    arguments = (text.encode() for text in (source, target, kind))
    _checked(_library().mount(*arguments, ctypes.c_ulong(flags), data.encode()), f"mount {target}")


def remount_tmpfs(target: str, flags: int, options: str) -> Callable[[], None]:
    """Return a function that replaces a mounted tmpfs by a new, empty one."""
    # All arguments are converted here, once: the function is called for every candidate.
    library, path = _library(), target.encode()
    arguments = b"tmpfs", path, b"tmpfs", ctypes.c_ulong(flags), options.encode()

    def replace() -> None:
        _checked(library.umount2(path, MNT_DETACH), "umount")
        _checked(library.mount(*arguments), "mount")

    return replace


def umount(target: str) -> None:
    """Detach a file system, even one in use: umount2 with MNT_DETACH, section 2 of the manual."""
    _checked(_library().umount2(target.encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new_root: str, put_old: str) -> None:
    """Change the root of this mount namespace: pivot_root, section 2 of the manual."""
    syscall(_PIVOT_ROOT[os.uname().machine], new_root.encode(), put_old.encode())


def capset(header: bytes, data: bytes) -> None:
    """Set this process's capabilities: capset, section 2 of the manual."""
    _checked(_library().capset(header, data), "capset")


def capset_step(header: bytes, data: bytes) -> Step:
    """Return ``capset`` as a step; it returns -1 where it fails."""
    return _library().capset, (header, data)


def syscall(number: int, *arguments: object) -> int:
    """Make a system call by its number: syscall, section 2 of the manual."""
    # ctypes would pass an int as a C int: the upper half of the register would be undefined.
    wide = (ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)
    return _checked(_library().syscall(ctypes.c_long(number), *wide), f"syscall {number}")


def _library() -> ctypes.CDLL:
    if _libc is None:
        raise OSError("not Linux")
    return _libc

"""Namespaces: a process tree, file system, network and IPC of the candidate's own; see namespaces(7).

What is seen inside: the standard library, the shared libraries that it needs and numpy, all read-only; a few
devices; one bounded file system to write to, a new one for each candidate. Other installed packages are left
out: one may hold the answers.
"""

from __future__ import annotations

import _socket as socket  # see ``wire``
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from . import syscalls
from .libraries import Libraries
from .rlimits import FILES_MIB, MOST_FILES

TOP = Path("/scratch")
ROOM = TOP / "room"
_ASSEMBLY = (
    "/proc"  # exists everywhere and holds nothing that the jail shows; only this namespace sees the change
)
_ROOT_OPTIONS = "size=1m,nr_inodes=1k,mode=0755"
_ROOM_OPTIONS = f"size={FILES_MIB}m,nr_inodes={MOST_FILES},mode=0700"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_DATA = ("/usr/share/zoneinfo", "/usr/lib/locale", "/etc/ld.so.cache")
_LINKS = ("/lib", "/lib64", "/usr/lib64")
_KINDS = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
)
_INERT = syscalls.MS_NOSUID | syscalls.MS_NODEV
_ROOM_FLAGS = _INERT | syscalls.MS_NOEXEC
_NONLOCAL_BIND = Path("/proc/sys/net/ipv4/ip_nonlocal_bind")


def enter(owner: int, libraries: Libraries) -> None:
    """Move this process into namespaces of its own; only processes forked later are in the new process tree.

    Args:
        owner: the user who is to own the room.
        libraries: what the jail shows.

    Raises:
        OSError: the kernel, or whoever rules this process, does not allow it. The process is of no use then.
    """
    try:
        syscalls.unshare(_KINDS)
    except PermissionError:
        _enter_user_namespace()
    # A socket can then be bound to 127.0.0.1 though no interface is up, and nothing ever gets through.
    with contextlib.suppress(OSError):
        _NONLOCAL_BIND.write_text("1")
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", _ASSEMBLY, "tmpfs", _INERT, _ROOT_OPTIONS)
    _fill(Path(_ASSEMBLY), libraries)
    os.chdir(_ASSEMBLY)
    syscalls.pivot_root(".", ".")
    syscalls.umount(".")
    syscalls.mount("tmpfs", str(ROOM), "tmpfs", _ROOM_FLAGS, f"{_ROOM_OPTIONS},uid={owner}")
    os.chdir(ROOM)


def keep(requests: socket.socket, owner: int) -> None:
    """Give each candidate a new room, on request, until the other end closes.

    This process has stayed outside the jail's process tree, where no candidate reaches it, and has kept the
    right to mount, which the fork server gives up.

    Args:
        requests: connection to the fork server, see ``MountedScratch``.
        owner: see ``enter``.
    """
    replace = syscalls.remount_tmpfs(str(ROOM), _ROOM_FLAGS, f"{_ROOM_OPTIONS},uid={owner}")
    with contextlib.suppress(OSError):  # whoever waits for a room finds this end closed
        requests.send(b"r")
        while requests.recv(1):
            replace()
            requests.send(b"r")


def _enter_user_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    syscalls.unshare(_KINDS | syscalls.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _fill(root: Path, libraries: Libraries) -> None:
    shown = [_show(root, path) for path in _topmost([*libraries.folders, *map(Path, _DATA)])]
    for folder in libraries.hidden:
        syscalls.mount("tmpfs", _inside(root, folder), "tmpfs", _INERT, "size=64k,mode=0755")
        shown.append(_inside(root, folder))
    shown += [_show(root, path) for path in libraries.packages]
    for device in filter(os.path.exists, _DEVICES):
        _show(root, Path(device))
    for link in filter(os.path.islink, _LINKS):
        _link(root, Path(link), str(Path(link).readlink()))
    for name in ("/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 -- inside the jail
        _link(root, Path(name), str(ROOM))
    Path(_inside(root, ROOM)).mkdir(parents=True)
    for target in [*shown, str(root)]:
        _make_read_only(target)


def _topmost(paths: Iterable[Path]) -> list[Path]:
    """Return those of the paths that exist, without those below another one."""
    found: list[Path] = []
    for path in sorted(set(paths)):
        if path.exists() and not any(above == path or above in path.parents for above in found):
            found.append(path)
    return found


def _inside(root: Path, path: Path) -> str:
    return f"{root}{path}"


def _show(root: Path, source: Path) -> str:
    target = Path(_inside(root, source))
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    syscalls.mount(str(source), str(target), "", syscalls.MS_BIND | syscalls.MS_REC)
    return str(target)


def _link(root: Path, path: Path, destination: str) -> None:
    link = Path(_inside(root, path))
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(destination)


def _make_read_only(target: str) -> None:
    kept = os.statvfs(target).f_flag & syscalls.MS_NOEXEC  # flags that an outer namespace set must stay set
    flags = syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY | _INERT | kept
    syscalls.mount("none", target, "", flags)

"""Namespaces: processes, file system, network and IPC of the candidates' own; see namespaces(7).

What they hold: the standard library, the shared libraries that it needs and numpy, all read-only; a few
devices; one bounded file system to write to, a new one for each candidate. Other installed packages are left
out: one may hold the solutions.
"""

from __future__ import annotations

# Not ``socket``, see ``wire``.
import _socket as socket
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from . import syscalls
from .libraries import Libraries
from .rlimits import FILES_MIB, MAX_FILES

TOP = Path("/scratch")
AREA = TOP / "area"
# Where the new root is assembled: a folder that exists everywhere and holds nothing that is shown inside.
# Only this mount namespace sees the change.
_ASSEMBLY = "/proc"
_ROOT_OPTIONS = "size=1m,nr_inodes=1k,mode=0755"
_AREA_OPTIONS = f"size={FILES_MIB}m,nr_inodes={MAX_FILES},mode=0700"
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
_AREA_FLAGS = _INERT | syscalls.MS_NOEXEC
_NONLOCAL_BIND = Path("/proc/sys/net/ipv4/ip_nonlocal_bind")


def enter(owner: int, libraries: Libraries) -> None:
    """Move this process into new namespaces; only its later children are in the process namespace.

    Args:
        owner: the user who is to own the scratch area.
        libraries: what can be read inside.

    Raises:
        OSError: the kernel or a container's policy does not allow it; this process must not go on then.
    """
    # Root needs no user namespace. Others do, and an unprivileged one is refused on some systems.
    try:
        syscalls.unshare(_KINDS)
    except PermissionError:
        _enter_user_namespace()
    # So that a program can bind a socket to 127.0.0.1 though no interface is up (ip(7)); no packet ever gets
    # through.
    with contextlib.suppress(OSError):
        _NONLOCAL_BIND.write_text("1")
    # systemd makes "/" a shared mount: without this, every mount below would appear on the host, too.
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", _ASSEMBLY, "tmpfs", _INERT, _ROOT_OPTIONS)
    _fill(Path(_ASSEMBLY), libraries)
    os.chdir(_ASSEMBLY)
    # The old root ends up mounted on top of the new one, from where it is detached: pivot_root(2),
    # "pivot_root(".", ".")". A chroot could be left again by who has a descriptor of a folder outside.
    syscalls.pivot_root(".", ".")
    syscalls.umount(".")
    syscalls.mount("tmpfs", str(AREA), "tmpfs", _AREA_FLAGS, f"{_AREA_OPTIONS},uid={owner}")
    os.chdir(AREA)


def serve_mounts(requests: socket.socket, owner: int) -> None:
    """Mount a new scratch area whenever the fork server asks for one, until it closes its end.

    This process has stayed outside the process namespace, where no candidate reaches it, and keeps the right
    to mount, which the fork server gives up.

    Args:
        requests: connection to the fork server, see ``MountedScratch``.
        owner: see ``enter``.
    """
    replace = syscalls.remount_tmpfs(str(AREA), _AREA_FLAGS, f"{_AREA_OPTIONS},uid={owner}")
    # After an error the fork server finds this end closed.
    with contextlib.suppress(OSError):
        requests.send(b"r")
        while requests.recv(1):
            replace()
            requests.send(b"r")


def _enter_user_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    syscalls.unshare(_KINDS | syscalls.CLONE_NEWUSER)
    # Without this an ordinary user may not write gid_map: user_namespaces(7).
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
    for name in ("/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 -- of the new root
        _link(root, Path(name), str(AREA))
    Path(_inside(root, AREA)).mkdir(parents=True)
    # Last, and with a second call each: bind mounts ignore MS_RDONLY when they are made (mount(2)).
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
    # In a user namespace, flags that an outer one has set are locked: a remount without them is refused
    # (mount_namespaces(7)).
    kept = os.statvfs(target).f_flag & syscalls.MS_NOEXEC
    flags = syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY | _INERT | kept
    syscalls.mount("none", target, "", flags)

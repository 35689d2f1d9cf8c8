"""The jails that attacks run in: namespaces made by unshare(1), where an escape is harmless; also a program.

python jails.py USER PROGRAM...     run by ``unshare``: prepare the mounts, switch user, run the program

A jail is made for a mode: the user that the harness runs as, "user" or "root", and what its sandbox may use,
"namespaces" or "open", which is all but them. Root can make the jails of all modes, an ordinary user those of
"user".
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from pytest_humaneval.sandbox.runtime.isolation import syscalls

MODES = ("user-namespaces", "user-open", "root-namespaces", "root-open")
AS_IT_IS = "-1"
# One user for each mode, which nobody has: the kernel counts the processes of a user.
_FIRST_USER = 61_800
_PROCESSES = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
# As root of a user namespace, who may mount; before the program runs, the user is switched back.
_WITHOUT_ROOT = ("unshare", "--user", "--map-root-user", *_PROCESSES[1:])
# Folders that are covered by an empty file system, in the jail's own mount namespace.
_COVERED = {
    "/tmp": "size=1g,mode=1777",  # noqa: S108 -- as above
    "/var/tmp": "size=64m,mode=1777",  # noqa: S108 -- as above
    "/dev/shm": "size=64m,mode=1777",  # noqa: S108 -- as above
}


def isolation(mode: str) -> str:
    """Return the isolation to open a sandbox with in a mode."""
    return "open" if mode.endswith("-open") else "auto"


def command(mode: str) -> list[str] | None:
    """Return the command line that runs a program in the jail of a mode; None where it cannot be made."""
    is_root = os.geteuid() == 0
    jail = _PROCESSES if is_root else _WITHOUT_ROOT
    if not is_possible(mode) or not _can_be_made(jail):
        return None
    user = str(_FIRST_USER + MODES.index(mode)) if is_root and mode.startswith("user") else AS_IT_IS
    back = (
        [] if is_root else ["unshare", "--user", f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}"]
    )
    return [*jail, sys.executable, __file__, user, *back]


def is_possible(mode: str) -> bool:
    """Return whether this process runs as the mode's user, or may switch to it."""
    return os.geteuid() == 0 or not mode.startswith("root")


@cache
def _can_be_made(jail: tuple[str, ...]) -> bool:
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return False
    return subprocess.run([*jail, "true"], capture_output=True, check=False).returncode == 0


def main(user: int, program: list[str]) -> None:
    """Prepare the mounts if this process may, switch user, and execute the program."""
    if os.geteuid() == 0:
        _prepare_mounts()
    if user >= 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    os.execvp(program[0], program)  # noqa: S606 -- our own command line


def _prepare_mounts() -> None:
    """Cover temporary folders with bounded ones, and closed parents of this interpreter with open ones."""
    shown = {Path(path).resolve() for path in (sys.base_prefix, sys.prefix, Path(__file__).parents[3])}
    closed = {above for path in shown for above in path.parents if not above.stat().st_mode & 0o001}
    for covered in (*_COVERED, *map(str, closed)):
        if Path(covered).is_dir():
            _cover(Path(covered), [path for path in shown if Path(covered) in path.parents])


def _cover(folder: Path, shown: list[Path]) -> None:
    """Mount an empty file system in memory on a folder, and bind the paths to show into it."""
    kept = [(path, os.open(path, os.O_PATH)) for path in sorted(shown)]
    syscalls.mount("none", str(folder), "tmpfs", 0, _COVERED.get(str(folder), "size=1m,mode=0755"))
    for path, descriptor in kept:
        path.mkdir(parents=True, exist_ok=True)
        syscalls.mount(f"/proc/self/fd/{descriptor}", str(path), "", syscalls.MS_BIND | syscalls.MS_REC)
        os.close(descriptor)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

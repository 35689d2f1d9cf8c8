"""The modes in which attacks run, each in a jail where even the worst can hurt nobody; also a program.

python jails.py USER PROGRAM...     run within ``unshare``: set the stage, become the user, run the program

A mode is who the harness is, and what its sandbox may use: "user" or "root", with "namespaces" or "open",
which is without. Here root may build all jails; an ordinary user those of the first kind.
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
_FIRST_USER = 61_800  # of no one; one for each mode, for the kernel counts the processes of a user
_PROCESSES = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
_WITHOUT_ROOT = ("unshare", "--user", "--map-root-user", *_PROCESSES[1:])
"""A root of this jail's own, who may mount; programs become the user again."""
_COVERED = {  # in a mount namespace of the jail's own
    "/tmp": "size=1g,mode=1777",  # noqa: S108 -- as above
    "/var/tmp": "size=64m,mode=1777",  # noqa: S108 -- as above
    "/dev/shm": "size=64m,mode=1777",  # noqa: S108 -- as above
}


def isolation(mode: str) -> str:
    """Return what a sandbox is asked for in a mode."""
    return "open" if mode.endswith("-open") else "auto"


def command(mode: str) -> list[str] | None:
    """Return the command line that runs a program in the jail of a mode; None where none can be built."""
    is_root = os.geteuid() == 0
    jail = _PROCESSES if is_root else _WITHOUT_ROOT
    if not is_possible(mode) or not _can_be_built(jail):
        return None
    user = str(_FIRST_USER + MODES.index(mode)) if is_root and mode.startswith("user") else AS_IT_IS
    back = (
        [] if is_root else ["unshare", "--user", f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}"]
    )
    return [*jail, sys.executable, __file__, user, *back]


def is_possible(mode: str) -> bool:
    """Return whether this process is who the harness is to be in a mode, or may become that."""
    return os.geteuid() == 0 or not mode.startswith("root")


@cache
def _can_be_built(jail: tuple[str, ...]) -> bool:
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return False
    return subprocess.run([*jail, "true"], capture_output=True, check=False).returncode == 0


def main(user: int, program: list[str]) -> None:
    """Set the stage as far as this process may, become the user, and become the program."""
    if os.geteuid() == 0:
        _set_stage()
    if user >= 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    os.execvp(program[0], program)  # noqa: S606 -- our own command line


def _set_stage() -> None:
    """Put bounded memory where temporary files go, and open the way to this interpreter to everybody."""
    shown = {Path(path).resolve() for path in (sys.base_prefix, sys.prefix, Path(__file__).parents[3])}
    closed = {above for path in shown for above in path.parents if not above.stat().st_mode & 0o001}
    for covered in (*_COVERED, *map(str, closed)):
        if Path(covered).is_dir():
            _cover(Path(covered), [path for path in shown if Path(covered) in path.parents])


def _cover(folder: Path, shown: list[Path]) -> None:
    """Mount an empty file system in memory on a folder, and show in it what is to be seen of that."""
    kept = [(path, os.open(path, os.O_PATH)) for path in sorted(shown)]
    syscalls.mount("none", str(folder), "tmpfs", 0, _COVERED.get(str(folder), "size=1m,mode=0755"))
    for path, descriptor in kept:
        path.mkdir(parents=True, exist_ok=True)
        syscalls.mount(f"/proc/self/fd/{descriptor}", str(path), "", syscalls.MS_BIND | syscalls.MS_REC)
        os.close(descriptor)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

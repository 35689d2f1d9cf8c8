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
import tempfile
from functools import cache
from pathlib import Path

MODES = ("user-namespaces", "user-open", "root-namespaces", "root-open")
AS_IT_IS = "-1"
_FIRST_USER = 61_800  # of no one; one for each mode, for the kernel counts the processes of a user
_PROCESSES = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
_WITHOUT_ROOT = ("unshare", "--user", "--map-current-user", *_PROCESSES[1:])
_COVERED = {"/var/tmp": "1g", "/dev/shm": "64m"}  # noqa: S108 -- in a mount namespace of the jail's own
_MEMORY = ("mount", "-t", "tmpfs", "-o")


def isolation(mode: str) -> str:
    """Return what a sandbox is asked for in a mode."""
    return "open" if mode.endswith("-open") else "auto"


def command(mode: str) -> list[str] | None:
    """Return the command line that runs a program in the jail of a mode; None where none can be built."""
    is_root = os.geteuid() == 0
    if mode.startswith("root") and not is_root:
        return None
    jail = _PROCESSES if is_root else _WITHOUT_ROOT
    user = str(_FIRST_USER + MODES.index(mode)) if is_root and mode.startswith("user") else AS_IT_IS
    return [*jail, sys.executable, __file__, user] if _can_be_built(jail) else None


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
    for covered, size in _COVERED.items():
        _mount_memory(Path(covered), f"size={size},mode=1777")
    folder = Path(next(iter(_COVERED)))
    os.environ["TMPDIR"] = str(folder)
    for prefix in {Path(sys.base_prefix), Path(sys.prefix), Path(__file__).parents[2]}:
        _open_way(prefix.resolve(), folder)


def _open_way(target: Path, folder: Path) -> None:
    """Show a folder at its place though one above it is closed to others: nothing else is shown there."""
    closed = next((above for above in reversed(target.parents) if not above.stat().st_mode & 0o001), None)
    if closed is None:
        return
    kept = Path(tempfile.mkdtemp(dir=folder))
    _mount(["mount", "--bind", str(target), str(kept)])
    _mount_memory(closed, "size=1m,mode=0755")
    target.mkdir(parents=True)
    _mount(["mount", "--bind", str(kept), str(target)])


def _mount_memory(folder: Path, options: str) -> None:
    _mount([*_MEMORY, options, "none", str(folder)])


def _mount(line: list[str]) -> None:
    subprocess.run(line, check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])

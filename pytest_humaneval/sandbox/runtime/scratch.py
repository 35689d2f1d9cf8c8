"""The folder that a candidate may write to: made empty for each, and removed without following its links."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path


class Scratch:
    """A folder that is the candidates' own, with one working folder in it that each finds empty.

    Args:
        base: exists, is empty, and belongs to the candidates' user.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.folder = base / "work"
        self._paths = str(base), str(self.folder)
        self._identity: Identity | None = None

    def renew(self) -> None:
        """Make the working folder empty and this process's own, and remove whatever lies beside it."""
        base, folder = self._paths  # as text: a zygote that touches less memory is a faster one
        untouched = self._identity is not None and _identity(folder) == self._identity
        if untouched and len(os.listdir(base)) == 1 and not os.listdir(folder):  # noqa: PTH208 -- as above
            return
        empty(self.base)
        self.folder.mkdir(mode=0o700)
        self._identity = _identity(folder)
        os.chdir(folder)


def make_base() -> Path:
    """Make a private folder among the system's temporary ones."""
    import tempfile  # late: what is loaded when candidates are forked costs each of them time

    return Path(tempfile.mkdtemp(prefix="humaneval-sandbox-"))


def remove(base: Path) -> None:
    """Remove a folder; where a link has taken its place, remove the link and not what it leads to."""
    if base.is_symlink():
        base.unlink()
        return
    with contextlib.suppress(OSError):
        empty(base)
        base.rmdir()


def empty(base: Path) -> None:
    """Remove all that is in a folder, however deep it is and whatever it forbids, following no link.

    Folders are moved up before they are emptied: no path gets longer than the system allows.
    """
    numbers = itertools.count()
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        folder.chmod(0o700)
        for entry in list(os.scandir(folder)):
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            Path(entry.path).chmod(0o700)  # or it cannot be moved
            free = next(path for number in numbers if not os.path.lexists(path := base / str(number)))
            waiting.append(Path(entry.path).rename(free))
        if folder != base:
            folder.rmdir()


Identity = tuple[int, int, int]


def _identity(path: str) -> Identity | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mode

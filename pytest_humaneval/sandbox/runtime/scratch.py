"""The folder that a candidate may write to: made empty for each, and removed without following its links."""

from __future__ import annotations

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
        self._identity: Identity | None = None

    def renew(self) -> None:
        """Make the working folder empty and this process's own, and remove whatever lies beside it."""
        if self._identity is None or not self._is_untouched():
            empty(self.base)
            self.folder.mkdir(mode=0o700)
            self._identity = _identity(self.folder)
            os.chdir(self.folder)

    def _is_untouched(self) -> bool:
        if _identity(self.folder) != self._identity:
            return False
        return _names(self.base) == [self.folder.name] and not _names(self.folder)


def make_base() -> Path:
    """Make a private folder among the system's temporary ones."""
    import tempfile  # late, as below: what is loaded when candidates are forked costs each of them time

    return Path(tempfile.mkdtemp(prefix="humaneval-sandbox-"))


def remove(base: Path) -> None:
    """Remove a folder; where a link has taken its place, remove the link and not what it leads to."""
    import shutil

    if base.is_symlink():
        base.unlink()
    shutil.rmtree(base, ignore_errors=True)


def empty(base: Path) -> None:
    """Remove all that is in a folder, following no link."""
    for entry in os.scandir(base):
        if entry.is_dir(follow_symlinks=False):
            _remove_tree(entry.path)
        else:
            Path(entry.path).unlink()


def _remove_tree(path: str) -> None:
    """Remove a tree, some folders of which may forbid that at first; ``rmtree`` follows no link."""
    import shutil

    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in os.scandir(folder)]


Identity = tuple[int, int, int]


def _identity(path: Path) -> Identity | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mode

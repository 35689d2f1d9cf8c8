"""The folder that a candidate may write to: made empty for each, and removed without following its links."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path


class Scratch:
    """A private folder with one working folder in it, which is renewed for each candidate."""

    def __init__(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="humaneval-"))
        self._identity = _identity(self.base)
        self.folder = self.base / "work"

    def renew(self) -> None:
        """Make the working folder anew, empty; whatever lay beside it is removed too."""
        self._empty()
        self.folder.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove everything; a link that took a folder's place is removed itself, never followed."""
        self._empty()
        if _identity(self.base) == self._identity:
            self.base.rmdir()

    def _empty(self) -> None:
        if _identity(self.base) != self._identity:
            self._restore()
        for entry in os.scandir(self.base):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink()

    def _restore(self) -> None:
        """Put a new folder where the old one was renamed or replaced."""
        if self.base.is_symlink():
            self.base.unlink()
        self.base.mkdir(mode=0o700, exist_ok=True)
        self._identity = _identity(self.base)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None

"""The folder that a controller shares with its workers, and how they know that nothing more is to come.

While the controller writes, it holds a lock (flock(2)) on a file in the folder. The system lets go of it
however the process ends, and also between containers that share /tmp, where a process number says nothing.
So a lock that can be had means: the writer is done, or dead, and the folder of a dead one may go.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

try:
    import fcntl
# Where there is no POSIX system, a writer's death is not noticed, and a folder of a killed run stays.
except ImportError:
    fcntl = None  # type: ignore[assignment]

PREFIX = "humaneval-"
SELECTION_FILE = "selection.json"
FEED_FILE = "completions.jsonl"
_LOCK = "lock"


class RunFolder:
    """A new folder; those that killed runs of this user have left are removed first.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        remove_stale(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        # Locked before it has its name: nobody meets it unlocked.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock: int | None = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def end(self) -> None:
        """Let all readers know that nothing more is to come; a second call does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def close(self) -> None:
        """Remove the folder."""
        self.end()
        shutil.rmtree(self.path, ignore_errors=True)


def is_over(folder: Path) -> bool:
    """Return whether nothing more is to come in a run's folder: its writer has ended it, or is dead."""
    if fcntl is None:
        return not folder.exists()
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY)
    # The folder is gone.
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def remove_stale(parent: Path) -> None:
    """Remove the folders of runs that were killed; other users' are left alone."""
    if fcntl is None:
        return
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            is_ours = not folder.is_symlink() and (folder / _LOCK).stat().st_uid == os.getuid()
        # No run's folder, or just removed by another run.
        except OSError:
            continue
        if is_ours and is_over(folder):
            shutil.rmtree(folder, ignore_errors=True)

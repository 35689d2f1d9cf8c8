"""The folders that a candidate may write to, made anew for each candidate.

    top         the fork server's own, the same for all candidates; they cannot write to it
    top/area    the candidate's: with namespaces a file system of its own, elsewhere a new folder
    area/work   the candidate's working folder, also for its temporary files

So nothing that one candidate does to it (files, attributes, modes, times, space, inode numbers) is there for
the next one.
"""

from __future__ import annotations

# Not ``socket``, see ``wire``.
import _socket as socket
import contextlib
import itertools
import os
from pathlib import Path

RENEW = b"n"


class Scratch:
    """A scratch area that is a folder: removed after each candidate, and made anew for the next.

    Args:
        top: an empty folder that belongs to the candidates' user.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        self.area = top / "area"
        self.folder = self.area / "work"
        # As text, for os.mkdir: pathlib touches more memory, and every page that the fork server touches
        # after a fork is copied.
        self._area, self._folder = str(self.area), str(self.folder)

    def make(self) -> None:
        """Make the area and its working folder, and change into that.

        Raises:
            OSError: it cannot be made: the disk may be full.
        """
        os.mkdir(self._area, 0o700)  # noqa: PTH102 -- see above
        self._enter()

    def _enter(self) -> None:
        os.mkdir(self._folder, 0o700)  # noqa: PTH102 -- see above
        os.chdir(self._folder)

    def discard(self) -> None:
        """Remove the area, and whatever was made beside it."""
        # Most candidates write nothing, and two calls are cheaper than a walk.
        try:
            os.rmdir(self._folder)  # noqa: PTH106 -- see above
            os.rmdir(self._area)  # noqa: PTH106 -- see above
        # It was written to.
        except OSError:
            empty(self.top)

    def remove(self) -> None:
        """Remove everything, at the end."""
        remove(self.top)


class MountedScratch(Scratch):
    """A scratch area that is a file system: the mounter replaces it after each candidate.

    Args:
        top: the folder that holds the mount point.
        mounter: connection to ``namespaces.serve_mounts``.
    """

    def __init__(self, top: Path, mounter: socket.socket) -> None:
        super().__init__(top)
        self._mounter = mounter

    def make(self) -> None:
        """See ``Scratch``."""
        if not self._mounter.recv(1):
            raise OSError("no new file system for a candidate")
        self._enter()

    def discard(self) -> None:
        """Have the file system replaced, while this process goes on; ``make`` waits for it."""
        self._mounter.send(RENEW)

    def remove(self) -> None:
        """Do nothing: the file system ends with its mount namespace."""


def make_top() -> Path:
    """Make a private folder among the system's temporary ones."""
    # Imported late: whatever is loaded when candidates are forked costs each of them time.
    import tempfile

    return Path(tempfile.mkdtemp(prefix="humaneval-sandbox-"))


def remove(top: Path) -> None:
    """Remove a folder; where a link has taken its place, remove the link and not what it leads to."""
    if top.is_symlink():
        top.unlink()
        return
    with contextlib.suppress(OSError):
        empty(top)
        top.rmdir()


def empty(base: Path) -> None:
    """Remove all that is in a folder, however deep it is and whatever its modes are, following no link."""
    # Folders are moved up before they are emptied. Else paths would get longer than PATH_MAX, and a recursion
    # deeper than Python allows.
    numbers = itertools.count()
    waiting = [base]
    while waiting:
        folder = waiting.pop()
        folder.chmod(0o700)
        for entry in list(os.scandir(folder)):
            if not entry.is_dir(follow_symlinks=False):
                Path(entry.path).unlink()
                continue
            # Moving a folder changes its "..", which takes the right to write to it: rename(2), EACCES.
            Path(entry.path).chmod(0o700)
            free = next(path for number in numbers if not os.path.lexists(path := base / str(number)))
            waiting.append(Path(entry.path).rename(free))
        if folder != base:
            folder.rmdir()

"""Where a candidate may write: a room with a working folder in it, both made anew for each candidate.

    top         the fork server's own, the same for all candidates; they cannot write to it
    top/room    the candidate's: a file system of its own in a jail, elsewhere a new folder
    room/work   where it begins, and where its temporary files go

So nothing that one candidate does to it (files, attributes, modes, times, space, numbers of inodes) is there
for the next one.
"""

from __future__ import annotations

import _socket as socket  # see ``wire``
import contextlib
import itertools
import os
from pathlib import Path

RENEW = b"n"


class Scratch:
    """A room that is a folder: removed after each candidate, and made anew for the next.

    Args:
        top: exists, is empty, and belongs to the candidates' user.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        self.room = top / "room"
        self.folder = self.room / "work"
        # As text: a fork server that touches less memory is a faster one.
        self._room, self._folder = str(self.room), str(self.folder)

    def make(self) -> None:
        """Make the room, and make its working folder this process's own.

        Raises:
            OSError: there is no place for it.
        """
        os.mkdir(self._room, 0o700)  # noqa: PTH102 -- see above
        self._enter()

    def _enter(self) -> None:
        os.mkdir(self._folder, 0o700)  # noqa: PTH102 -- see above
        os.chdir(self._folder)

    def discard(self) -> None:
        """Remove the room, and whatever lies beside it."""
        try:
            os.rmdir(self._folder)  # noqa: PTH106 -- see above
            os.rmdir(self._room)  # noqa: PTH106 -- see above
        except OSError:  # it was used
            empty(self.top)

    def remove(self) -> None:
        """Remove everything, at the end."""
        remove(self.top)


class MountedScratch(Scratch):
    """A room that is a file system: the keeper of the jail mounts a new one after each candidate.

    Args:
        top: holds the mount point.
        keeper: connection to the keeper, see ``namespaces.keep``.
    """

    def __init__(self, top: Path, keeper: socket.socket) -> None:
        super().__init__(top)
        self._keeper = keeper

    def make(self) -> None:
        """See ``Scratch``."""
        if not self._keeper.recv(1):
            raise OSError("no new file system for a candidate")
        self._enter()

    def discard(self) -> None:
        """Have the file system replaced, which goes on beside what this process does next."""
        self._keeper.send(RENEW)

    def remove(self) -> None:
        """Do nothing: it ends with the jail."""


def make_top() -> Path:
    """Make a private folder among the system's temporary ones."""
    import tempfile  # late: what is loaded when candidates are forked costs each of them time

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

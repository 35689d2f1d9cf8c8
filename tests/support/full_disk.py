"""A disk that gets full: a small tmpfs, mounted where only one command sees it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

# The size comes as $0, the folder as $1, and then the command.
_MOUNTED = 'mount -t tmpfs -o "size=$0" tmpfs "$1" && export TMPDIR="$1" && shift && exec "$@"'


def on_a_disk_of(size: str, folder: Path, command: Sequence[str]) -> list[str]:
    """Return a command whose temporary files go to a disk of this size ("16k"), mounted on ``folder``.

    The test is skipped where the user may not mount anything.
    """
    if not _own_mounts():
        pytest.skip("this user can mount nothing, not even in a namespace of its own")
    return [*_own_mounts(), "bash", "-c", _MOUNTED, size, str(folder), *command]


@cache
def _own_mounts() -> tuple[str, ...]:
    # unshare(1): an ordinary user may mount only where a user namespace makes it root.
    namespaces = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
    line = ("unshare", *namespaces)
    possible = shutil.which("unshare") and not subprocess.run([*line, "true"], check=False).returncode
    return line if possible else ()

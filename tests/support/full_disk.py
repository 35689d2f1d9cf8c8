"""A disk that is really full: a small file system of memory, seen by one command alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

_MOUNTED = 'mount -t tmpfs -o "size=$0" tmpfs "$1" && export TMPDIR="$1" && shift && exec "$@"'


def on_a_disk_of(size: str, folder: Path, command: Sequence[str]) -> list[str]:
    """Return a command whose temporary files go to a disk of this size ("16k"), mounted on ``folder``."""
    if not _own_mounts():
        pytest.skip("this user can mount nothing, not even in a namespace of its own")
    return [*_own_mounts(), "bash", "-c", _MOUNTED, size, str(folder), *command]


@cache
def _own_mounts() -> tuple[str, ...]:
    namespaces = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
    line = ("unshare", *namespaces)
    possible = shutil.which("unshare") and not subprocess.run([*line, "true"], check=False).returncode
    return line if possible else ()

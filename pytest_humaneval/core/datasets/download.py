"""Fetch the file of a dataset from where it is published, once; it is kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import threading
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from pytest_humaneval.core.datasets.releases import Release
from pytest_humaneval.core.errors import ConfigError

_TIMEOUT_S = 20.0
_QUIET_S = 2.0


def download(release: Release, folder: Path) -> Path:
    """Fetch a dataset's file into a folder, its size and SHA-256 checked, and return it.

    A file that is there is whole: it gets its name when all of it has been checked. After two seconds a line
    on stderr says what takes so long.

    Raises:
        ConfigError: it cannot be fetched or kept, or is not what was published; one line says what to fetch
            and where to put it.
    """
    name = release.url.rpartition("/")[2]
    stem, dot, endings = name.partition(".")
    path = folder / (f"{stem}-v{release.version}{dot}{endings}" if release.version else name)
    announcement = threading.Timer(_QUIET_S, _announce, [release])
    announcement.daemon = True
    announcement.start()
    try:
        # Every address in the table is https; ruff cannot see that.
        with urlopen(release.url, timeout=_TIMEOUT_S) as response:  # noqa: S310
            # A byte more than there should be is enough to see that there are more.
            content = response.read(release.size_bytes + 1)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise _refusal(release, path, f"cannot be fetched ({reason})") from error
    finally:
        announcement.cancel()
    _check(content, release, path)
    try:
        _write(content, path)
    except OSError as error:
        raise _refusal(release, path, f"cannot be kept there ({error.strerror})") from error
    return path


def _announce(release: Release) -> None:
    size_mb = release.size_bytes / 1e6
    print(f"humaneval: fetching {release.name} ({size_mb:.1f} MB) from {release.url}", file=sys.stderr)


def _check(content: bytes, release: Release, path: Path) -> None:
    if len(content) != release.size_bytes:
        is_longer = len(content) > release.size_bytes
        length = f"more than {release.size_bytes:,}" if is_longer else f"{len(content):,}"
        found = f"has {length} bytes, where {release.size_bytes:,} were published"
        raise _refusal(release, path, found)
    sha256 = hashlib.sha256(content).hexdigest()
    expected = release.sha256 or release.content_sha256
    if sha256 != expected:
        found = f"is not what was published (SHA-256 {sha256[:12]}..., expected {expected[:12]}...)"
        raise _refusal(release, path, found)


def _refusal(release: Release, path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"dataset {release.name!r} is not on this machine, and {release.url} {reason}; fetch that file, and "
        f"put it into {path.parent} or into a folder that --humaneval-datasets names"
    )


def _write(content: bytes, path: Path) -> None:
    """Write a file that is whole from the moment when it is there, whatever ends this process meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        part = Path(folder) / path.name
        part.write_bytes(content)
        part.replace(path)

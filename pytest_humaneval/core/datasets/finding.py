"""Where the file of a named dataset is: in the folders where users have such files, else fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_humaneval.core.datasets.releases import Release
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.user_cache import cache_of, user_cache

FOLDER_VARIABLE = "HUMANEVAL_DATASETS"
"""The environment variable that names the folder where none is given."""


def find_file(release: Release, folder: Path | None = None) -> Path:
    """Return the file of a dataset; it is fetched if this machine has none.

    Args:
        release: the dataset.
        folder: where it is looked for first; None for the folder that ``HUMANEVAL_DATASETS`` names.

    Raises:
        ConfigError: the folder, or a file that the environment names, is not there; or the dataset cannot be
            fetched.
    """
    if found := find_local_file(release, folder):
        return found
    # Imported late: it is needed once.
    from pytest_humaneval.core.datasets.download import download

    return download(release, own_folder())


def find_local_file(release: Release, folder: Path | None = None) -> Path | None:
    """Return the file of a dataset if this machine has one; see :func:`find_file`.

    Raises:
        ConfigError: the folder, or a file that the environment names, is not there.
    """
    for place in _places(release, folder):
        if place.is_file():
            return place
        if found := _newest(release, place):
            return found
    return None


def own_folder() -> Path:
    """Return the folder to which datasets are fetched; it need not exist yet."""
    return user_cache("datasets")


def _places(release: Release, folder: Path | None) -> Iterator[Path]:
    """Yield the folders to look in, in order, and the file that the environment names."""
    if folder is None and (named := os.environ.get(FOLDER_VARIABLE)):
        folder = Path(named).expanduser()
    if folder is not None:
        if not folder.is_dir():
            raise ConfigError(f"--humaneval-datasets: {folder} is no folder; name one with dataset files")
        yield folder
    if release.override and (named := os.environ.get(release.override)):
        file = Path(named).expanduser()
        if not file.is_file():
            raise ConfigError(f"{release.override}: there is no file {file}; name one, or unset the variable")
        yield file
    yield cache_of("evalplus")
    yield own_folder()


def _newest(release: Release, folder: Path) -> Path | None:
    """Return the file of the newest version in a folder."""
    names = "|".join(map(re.escape, release.file_names))
    pattern = re.compile(rf"(?:{names})(?:-v(\d+(?:\.\d+)*))?\.jsonl?(?:\.gz)?")
    try:
        matches = [match for each in folder.iterdir() if (match := pattern.fullmatch(each.name))]
    except OSError:
        return None
    return folder / max(matches, key=_version)[0] if matches else None


def _version(match: re.Match[str]) -> tuple[list[int], str]:
    """Return what a file's name is ordered by: its version, then the name itself."""
    return [int(part) for part in (match[1] or "0").split(".")], match[0]

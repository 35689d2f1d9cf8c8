"""Find what a candidate may import: the standard library, and numpy and tqdm where the host has them.

The host's other packages stay out of reach: one of them may hold the dataset with its solutions.
"""

from __future__ import annotations

import builtins
import os
import sys
from _sitebuiltins import Quitter, _Helper
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, NamedTuple

PACKAGES = ("numpy", "tqdm")
_FOLDERS = (*PACKAGES, "numpy.libs")
_HIDDEN = ("site-packages", "dist-packages")


class Libraries(NamedTuple):
    """The folders of the code that a candidate may load.

    Attributes:
        site: the host interpreter's folders of installed packages.
        folders: the standard library, and the shared libraries that it needs.
        hidden: folders of installed packages within ``folders``.
        packages: the folders within ``site`` that may be loaded, of ``PACKAGES`` that are installed.
    """

    site: tuple[str, ...]
    folders: tuple[Path, ...]
    hidden: tuple[Path, ...]
    packages: tuple[Path, ...]

    def readable(self) -> list[Path]:
        """Return files and folders that have to be readable, none of which holds a hidden folder."""
        # Landlock rules only add: what is below a readable folder cannot be taken out again, so a folder with
        # hidden ones is replaced by its other entries.
        found = [*self.packages, *map(Path, ("/usr/share/zoneinfo", "/usr/lib/locale", "/etc/ld.so.cache"))]
        for folder in self.folders:
            holds_hidden = any(folder in hidden.parents for hidden in self.hidden)
            found += _without(folder, self.hidden) if holds_hidden else [folder]
        return found

    def enable_imports(self) -> None:
        """Let this process import the packages, and nothing else of the folders that hold them.

        Also adds the builtins ``exit``, ``quit`` and ``help``, which the ``site`` module defines.
        """
        # A folder on sys.path would make all packages in it importable.
        sys.meta_path.append(_PackageFinder(list(self.site)))
        for name in ("exit", "quit"):
            setattr(builtins, name, Quitter(name, "end of file"))
        builtins.help = _Helper()


def find_libraries(site: list[str]) -> Libraries:
    """Return the libraries of this interpreter.

    Args:
        site: folders of installed packages.
    """
    standard = {Path(entry) for entry in (str(Path(os.__file__).parent), *sys.path) if "python" in entry}
    given = {path for path in standard if path.is_dir()} | _folders_of_shared_libraries()
    folders = sorted({path for found in given for path in (found, found.resolve())})
    inside = [
        folder / version / name
        for folder in folders
        for version in ("", *_versions(folder))
        for name in _HIDDEN
    ]
    hidden = sorted({path for path in inside if path.is_dir() and not path.is_symlink()})
    packages = [Path(folder) / name for folder in site for name in _FOLDERS]
    return Libraries(
        tuple(site), tuple(folders), tuple(hidden), tuple(path for path in packages if path.is_dir())
    )


def _versions(folder: Path) -> list[str]:
    return [entry.name for entry in os.scandir(folder) if entry.name.startswith("python3")]


class _PackageFinder:
    def __init__(self, site: list[str]) -> None:
        self._site = site

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Find a package of the list; see ``importlib.abc.MetaPathFinder``."""
        if path is not None or name not in PACKAGES:
            return None
        return PathFinder.find_spec(name, self._site, target)


def _without(folder: Path, hidden: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for entry in folder.iterdir():
        if any(entry in path.parents for path in hidden):
            found += _without(entry, hidden)
        elif entry not in hidden:
            found.append(entry)
    return found


def _folders_of_shared_libraries() -> set[Path]:
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return set()
    files = {line.split(maxsplit=5)[-1] for line in lines if ".so" in line}
    return {Path(file).parent for file in files if file.startswith("/")}

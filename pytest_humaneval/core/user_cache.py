"""The user's cache folder: what can be downloaded or worked out again is kept there between runs."""

from __future__ import annotations

from pathlib import Path


def user_cache(kind: str) -> Path:
    """Return the folder for one kind of things; it need not exist yet.

    On Linux it is below ``XDG_CACHE_HOME``, by default ``~/.cache`` (XDG Base Directory Specification).
    """
    # Imported late: most runs need no cache.
    from platformdirs import user_cache_path

    return user_cache_path("pytest-humaneval", appauthor=False) / kind


def cache_of(application: str) -> Path:
    """Return the folder in which another application caches; it need not exist."""
    from platformdirs import user_cache_path

    return user_cache_path(application)

"""A store on disk whose folder may be removed during the run: it is created again, and nothing is lost.

An open file outlives its name (unlink(2)), so SQLite goes on without an error, and everything that it was
given would be gone at the end. Until then it can still be read. Only completions of this run are written
again: whoever removes a store wants the older ones to be gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.store.disk import DiskStore


class LastingStore:
    """The store in a folder, which is created again if it was removed.

    Args:
        folder: the store's folder.
        warn: called once, with one line of text, when the folder was removed.

    Raises:
        ConfigError: the folder cannot be written, or its file is no completion store.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        self._folder, self._warn = folder, warn
        self._store = DiskStore(folder)
        self._lock = threading.Lock()
        # Draws, not completions, which can be read from the removed file: no texts are held in memory.
        self._own: list[Draw] = []
        self._warned = False

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._lock:
            return self._store.get(draws)

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion; a second one for the same draw changes nothing.

        Raises:
            StoreError: it could not be kept.
        """
        with self._lock:
            self._renew_if_removed()
            self._store.put(draw, completion)
            self._own.append(draw)

    def close(self) -> None:
        """Release the file; a second call does nothing.

        Raises:
            StoreError: what was generated could not be kept.
        """
        with self._lock:
            try:
                # A run that has generated nothing leaves a removed store removed.
                if self._own:
                    self._renew_if_removed()
                    self._own.clear()
            finally:
                self._store.close()

    def _renew_if_removed(self) -> None:
        """Create the store again if it was removed, with the completions of this run."""
        if not self._store.is_removed():
            return
        removed = self._store
        try:
            self._store = DiskStore(self._folder)
        except ConfigError as error:
            raise StoreError(f"{self._folder}: it was removed during the run, and then: {error}") from error
        for draw, completion in removed.get(self._own).items():
            self._store.put(draw, completion)
        removed.close()
        if not self._warned:
            self._warned = True
            self._warn(
                f"{self._folder}: the completion store was removed during the run; "
                "it was created again, with what this run has generated"
            )

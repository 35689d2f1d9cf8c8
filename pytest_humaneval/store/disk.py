"""The completion store on disk: one SQLite file in a folder, shared by any number of processes.

SQLite's write-ahead log gives what a store must promise: each put is a transaction that reaches the operating
system before put returns, so a process killed at any moment loses at most the put that it was in; readers and
a writer do not block each other, and writers of several processes wait for one another. Only a power failure
can lose the latest puts (``synchronous=NORMAL``), and never the file.
Source: https://sqlite.org/wal.html
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from pytest_humaneval.core.completion_json import from_text, to_text
from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.store.content_key import content_key

FILE_NAME = "completions.sqlite3"
APPLICATION_ID = 0x48554D45
"""Marks the file as this project's, in SQLite's header field of that name; in ASCII it is "HUME"."""

_LOCK_TIMEOUT_S = 60.0
# SQLite before 3.32 takes at most 999 parameters: https://sqlite.org/limits.html
_KEYS_PER_QUERY = 500


class DiskStore:
    """Completions in one folder; ``get`` and ``put`` may be called from any thread, ``put`` is durable."""

    def __init__(self, folder: Path) -> None:
        """Open the store in ``folder``; it is created if it does not exist, and hides itself from git.

        Raises:
            ConfigError: the folder cannot be written, or its file is no completion store.
        """
        self._file = folder / FILE_NAME
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # "*" hides this file, too: a cache in the working tree is not committed by accident.
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                f"{folder}: no completion store can be kept here ({error.strerror}); "
                "name another folder with --humaneval-cache, or off"
            ) from error
        self._connection = self._connect()
        self._identity = self._file_identity()

    def is_removed(self) -> bool:
        """Return whether the file was removed, or another one is in its place."""
        return self._file_identity() != self._identity

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known."""
        # Draws may share a key: the task id is no part of it.
        wanted: dict[bytes, list[Draw]] = {}
        for draw in draws:
            wanted.setdefault(content_key(draw), []).append(draw)
        with self._lock, self._errors_translated():
            return {draw: from_text(text) for key, text in self._rows(wanted) for draw in wanted[key]}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion; a second one for the same draw changes nothing.

        Raises:
            StoreError: it could not be kept (disk full, file damaged).
        """
        row = (content_key(draw), to_text(completion))
        with self._lock, self._errors_translated():
            self._connection.execute("INSERT OR IGNORE INTO completion VALUES (?, ?)", row)

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    def _file_identity(self) -> tuple[int, int] | None:
        """Return device and inode number of the file, which no other file has; None if there is none."""
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _connect(self) -> sqlite3.Connection:
        # SQLite would only say "unable to open database file".
        if self._file.is_dir():
            raise ConfigError(
                f"{self._file}: this is a folder; expected the file of a completion store, or nothing: "
                "remove it, or name another folder with --humaneval-cache"
            )
        try:
            # isolation_level=None is autocommit: each put is a transaction. The same-thread check is off, as
            # self._lock lets in one thread at a time.
            connection = sqlite3.connect(
                self._file, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare_unless_locked(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise ConfigError(f"{self._file}: {self._problem(error)}") from error
        return connection

    def _prepare_unless_locked(self, connection: sqlite3.Connection) -> None:
        """Prepare the file; try again for as long as another process locks it for the same purpose."""
        # SQLite's own timeout does not cover a change of the journal mode: it reports "locked" at once.
        deadline_s = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                return self._prepare(connection)
            except sqlite3.OperationalError as error:  # noqa: PERF203
                if "locked" not in str(error) or time.monotonic() > deadline_s:
                    raise
                time.sleep(0.01)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Create the table in a new file, or check that an existing file is a completion store."""
        # The table is looked for before the id, and created after it: so a process that sees the table of
        # another one sees its id as well, and a file without tables is a new one.
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise sqlite3.DatabaseError("it is another program's SQLite file")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS completion (key BLOB PRIMARY KEY, completion TEXT NOT NULL)"
            )

    def _rows(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, str]]:
        remaining = iter(keys)
        while batch := list(islice(remaining, _KEYS_PER_QUERY)):
            marks = ",".join("?" * len(batch))
            query = f"SELECT key, completion FROM completion WHERE key IN ({marks})"  # noqa: S608 - marks only
            yield from self._connection.execute(query, batch)

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        """Raise errors of SQLite, and rows that hold no completion, as StoreError."""
        try:
            yield
        # ValueError, TypeError: a row that is no JSON, or not that of a completion.
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise StoreError(f"{self._file}: {self._problem(error)}") from error

    def _problem(self, error: Exception) -> str:
        """Return what is wrong and what to do, in one line without the file's name."""
        # Locked, full, read-only: the file itself is sound, so it is not to be deleted.
        if isinstance(error, sqlite3.OperationalError):
            return (
                f"the completion store cannot be used ({error}); name another folder with --humaneval-cache"
            )
        return (
            f"no usable completion store ({error}); delete it, or name another folder with --humaneval-cache"
        )

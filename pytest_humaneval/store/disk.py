"""The store on disk: one SQLite file in a folder, shared by any number of processes.

SQLite's write-ahead log gives what is asked of it: each put is a transaction of its own that reaches the
operating system before put returns, so a process killed at any moment loses at most the put it was in;
readers and a writer do not block each other, and writers of several processes wait for one another. Only a
power failure can take the latest puts along (``synchronous=NORMAL``), never the file.
Source: https://sqlite.org/wal.html
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.store.content_key import content_key

FILE_NAME = "completions.sqlite3"
APPLICATION_ID = 0x48554D45
"""Marks the file as ours (SQLite's header field of that name): "HUME"."""

_LOCK_TIMEOUT_S = 60.0
_BATCH = 500  # keys a query: SQLite before 3.32 takes at most 999 parameters


class DiskStore:
    """Completions in one folder; ``get`` and ``put`` may be called from any thread, ``put`` is durable."""

    def __init__(self, folder: Path) -> None:
        """Open the store in ``folder``, which is made if need be and hides itself from git.

        Raises:
            ConfigError: the folder cannot be written, or its file is no completion store.
        """
        self._file = folder / FILE_NAME
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                f"{folder}: no completion store can be kept here ({error.strerror}); "
                "name another folder with --humaneval-cache, or off"
            ) from error
        self._connection = self._opened()
        self._identity = self._found()

    def is_removed(self) -> bool:
        """Whether the file is not there any more, or another one is in its place."""
        return self._found() != self._identity

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known."""
        wanted: dict[bytes, list[Draw]] = {}
        for draw in draws:
            wanted.setdefault(content_key(draw), []).append(draw)
        with self._lock, self._told():
            return {
                draw: Completion(**json.loads(text))
                for key, text in self._rows(wanted)
                for draw in wanted[key]
            }

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion; a second one for the same draw changes nothing.

        Raises:
            StoreError: it could not be kept (disk full, file damaged).
        """
        row = (content_key(draw), json.dumps(asdict(completion)))
        with self._lock, self._told():
            self._connection.execute("INSERT OR IGNORE INTO completion VALUES (?, ?)", row)

    def close(self) -> None:
        """Release the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    def _found(self) -> tuple[int, int] | None:
        """Return what tells a file from every other; None if there is none."""
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _opened(self) -> sqlite3.Connection:
        if self._file.is_dir():
            raise ConfigError(
                f"{self._file}: this is a folder; expected the file of a completion store, or nothing: "
                "remove it, or name another folder with --humaneval-cache"
            )
        try:
            return self._prepared(
                sqlite3.connect(
                    self._file, timeout=_LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False
                )
            )
        except sqlite3.Error as error:
            raise ConfigError(f"{self._file}: {self._trouble(error)}") from error

    def _prepared(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            self._prepare_patiently(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare_patiently(self, connection: sqlite3.Connection) -> None:
        """Prepare a file that other processes may be preparing too.

        SQLite waits for a locked file by itself, but not while the journal's mode is being changed.
        """
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                return self._prepare(connection)
            except sqlite3.OperationalError as error:  # noqa: PERF203 - it is the exception that is waited for
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the table, or see that the file is ours and whole enough to be used."""
        # In this order: who makes the file sets its id first, then the table.
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
        while batch := list(islice(remaining, _BATCH)):
            marks = ",".join("?" * len(batch))
            query = f"SELECT key, completion FROM completion WHERE key IN ({marks})"  # noqa: S608 - marks only
            yield from self._connection.execute(query, batch)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Translate trouble with the file."""
        try:
            yield
        except (
            sqlite3.Error,
            ValueError,
            TypeError,
        ) as error:  # the latter two: a row that holds no completion
            raise StoreError(f"{self._file}: {self._trouble(error)}") from error

    def _trouble(self, error: Exception) -> str:
        if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only: the file itself is sound
            return (
                f"the completion store cannot be used ({error}); name another folder with --humaneval-cache"
            )
        return (
            f"no usable completion store ({error}); delete it, or name another folder with --humaneval-cache"
        )

"""The store on disk: shared by processes, unharmed by a kill, and its errors; see also test_contract.py."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.disk import FILE_NAME, DiskStore

REQUEST = Request("m", "chat", (Message("user", "ask"),), Sampling(temperature=0.8))
DRAW = Draw("Test/0", 0, REQUEST)
ANSWER = Completion("an\nswer \ud83d ☃", "length", "raw", 3, 5)

WRITER = """
import sys
from pathlib import Path
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.disk import DiskStore

store = DiskStore(Path(sys.argv[1]))
request = Request("m", "chat", (Message("user", "ask"),), Sampling(temperature=0.8))
for index in range(int(sys.argv[2]), int(sys.argv[3])):
    store.put(Draw("Test/0", index, request), Completion(f"answer {index}" * 50))
    print(index, flush=True)
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], DiskStore]]:
    """Return a function that opens the store in one folder again; all are closed with the test."""
    stores: list[DiskStore] = []

    def open_again() -> DiskStore:
        stores.append(DiskStore(tmp_path / "cache"))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


def draws_of(indices: range) -> list[Draw]:
    """Return draws of one request."""
    return [Draw("Test/0", index, REQUEST) for index in indices]


def writer(folder: Path, first: int, end: int) -> subprocess.Popen[str]:
    """Start a process that puts the draws of these indices, and prints each index after its put."""
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(end)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_may_share_a_store(tmp_path: Path) -> None:
    """Several processes start on an empty folder at the same time; no put of any of them is lost."""
    writers = [writer(tmp_path / "cache", 100 * i, 100 * (i + 1)) for i in range(4)]

    assert [process.communicate(timeout=60)[0].count("\n") for process in writers] == [100] * 4
    store = DiskStore(tmp_path / "cache")
    assert len(store.get(draws_of(range(400)))) == 400
    store.close()


def test_an_empty_folder_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """One thread creates the file; the others find it neither incomplete nor locked."""

    def open_at_once(folder: Path, start: Barrier) -> None:
        start.wait()
        DiskStore(folder).close()

    with ThreadPoolExecutor(6) as threads:
        for attempt in range(20):
            folder, start = tmp_path / str(attempt), Barrier(6)
            list(threads.map(lambda _: open_at_once(folder, start), range(6)))  # noqa: B023 - used at once


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_writer_loses_nothing_that_it_had_put(tmp_path: Path) -> None:
    """SIGKILL in the middle of writing: every put that had returned is there, and the store goes on."""
    process = writer(tmp_path / "cache", 0, 1_000_000)
    assert process.stdout is not None
    put = [int(process.stdout.readline()) for _ in range(200)]
    process.kill()
    put += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    process.wait()
    process.stdout.close()

    store = DiskStore(tmp_path / "cache")
    found = store.get(draws_of(range(put[-1] + 1)))
    store.put(DRAW, ANSWER)
    store.close()
    assert {draw.sample_index for draw in found} == set(put)
    assert {completion.text for completion in found.values()} == {f"answer {index}" * 50 for index in put}


def test_the_folder_hides_itself_from_git(opened: Callable[[], DiskStore], tmp_path: Path) -> None:
    """A cache in the working tree is not committed by accident."""
    opened()

    assert (tmp_path / "cache" / ".gitignore").read_text() == "*\n"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """It is neither overwritten nor read; the message is one line that names it."""
    (tmp_path / FILE_NAME).write_text("something else " * 100)

    with pytest.raises(ConfigError, match=rf"{FILE_NAME}: .*not a database.*--humaneval-cache") as error:
        DiskStore(tmp_path)

    assert "\n" not in str(error.value)
    assert (tmp_path / FILE_NAME).read_text().startswith("something else")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A SQLite file without this project's application id is left alone."""
    with sqlite3.connect(tmp_path / FILE_NAME) as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
    foreign.close()

    with pytest.raises(ConfigError, match=f"{FILE_NAME}: .*another program"):
        DiskStore(tmp_path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """The message is one line: the path, what was found, what was expected, and what to do."""
    (tmp_path / FILE_NAME).mkdir()

    with pytest.raises(ConfigError, match=f"{FILE_NAME}: this is a folder; expected the file of a") as error:
        DiskStore(tmp_path)

    assert "\n" not in str(error.value)


def test_a_file_that_may_not_be_opened_is_refused(tmp_path: Path) -> None:
    """For a link to nowhere, the message gives SQLite's reason with the file's name."""
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "nowhere" / "file")

    with pytest.raises(ConfigError, match=f"{FILE_NAME}: .*unable to open database file"):
        DiskStore(tmp_path)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    """For a path that leads through a file, the message gives the system's reason with the path."""
    (tmp_path / "file").touch()

    with pytest.raises(
        ConfigError, match=r"file.cache: no completion store can be kept here \(Not a directory"
    ):
        DiskStore(tmp_path / "file" / "cache")


def test_damage_is_reported_with_the_files_name(opened: Callable[[], DiskStore], tmp_path: Path) -> None:
    """Overwritten pages are an error when they are read, if not before."""
    store = opened()
    for draw in draws_of(range(300)):
        store.put(draw, ANSWER)
    store.close()
    content = bytearray((tmp_path / "cache" / FILE_NAME).read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    (tmp_path / "cache" / FILE_NAME).write_bytes(content)

    with pytest.raises((ConfigError, StoreError), match=f"{FILE_NAME}: .*malformed"):
        opened().get(draws_of(range(300)))

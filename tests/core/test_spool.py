"""The spool: records on disk, that read as if they were in memory."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_humaneval.core.spool import Spool


@pytest.fixture
def spool() -> Spool[list[str]]:
    """A spool of lists, which are JSON data as they are."""
    return Spool(list, list)


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file of this process grow beyond 4 KiB, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_records_come_back_as_they_were(spool: Spool[list[str]]) -> None:
    """In order, by index and by slice, whatever a text holds."""
    records = [["a\nb", "\ud83d ☃"], [], ["c" * 100_000]]

    kept = spool.keep(records)

    assert (len(kept), list(kept), kept[0], kept[-1]) == (3, records, records[0], records[2])
    assert (kept[1:], kept == records, kept == records[:2]) == (records[1:], True, False)


def test_threads_may_keep_and_read_at_once(spool: Spool[list[str]]) -> None:
    """No record ends up in another's place."""
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda number: spool.keep([[str(number)] * number]), range(300)))

    assert [one[0] for one in kept] == [[str(number)] * number for number in range(300)]


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_costs_memory_only(spool: Spool[list[str]]) -> None:
    """What does not fit any more is kept all the same."""
    records = [[str(number) * 100] for number in range(100)]

    assert list(spool.keep(records)) == records


def test_no_folder_for_files_costs_memory_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no temporary file can be made at all, records stay in memory."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    assert list(Spool(list, list).keep([["a"], ["b"]])) == [["a"], ["b"]]


def test_nothing_is_left_on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file has no name even while it is in use, so a killed run leaves none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    kept = Spool(list, list).keep([["a"]])

    assert (list(tmp_path.iterdir()), kept[0]) == ([], ["a"])

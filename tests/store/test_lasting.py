"""A store whose folder is removed while it is in use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_humaneval.core.errors import StoreError
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.best_effort import BestEffortStore
from pytest_humaneval.store.disk import FILE_NAME, DiskStore
from pytest_humaneval.store.lasting import LastingStore

REQUEST = Request("m", "chat", (Message("user", "ask"),), Sampling(temperature=0.8))
DRAWS = [Draw("Test/0", index, REQUEST) for index in range(6)]


def kept_in(folder: Path) -> dict[int, str]:
    """Return what another run finds in a folder: texts by the index of the sample."""
    store = DiskStore(folder)
    found = {draw.sample_index: completion.text for draw, completion in store.get(DRAWS).items()}
    store.close()
    return found


def put(store: LastingStore | BestEffortStore, *indices: int) -> None:
    """Put the completions of these samples."""
    for index in indices:
        store.put(DRAWS[index], Completion(f"text {index}"))


def test_what_was_generated_is_written_again(tmp_path: Path) -> None:
    """However often the folder is removed, all completions of this run are there at the end; one warning."""
    folder, warnings = tmp_path / "cache", list[str]()
    store = LastingStore(folder, warnings.append)
    put(store, 0, 1)
    shutil.rmtree(folder)
    put(store, 2)
    shutil.rmtree(folder)
    put(store, 3)
    shutil.rmtree(folder)
    store.close()

    assert kept_in(folder) == {index: f"text {index}" for index in range(4)}
    assert warnings == [
        f"{folder}: the completion store was removed during the run; "
        "it was created again, with what this run has generated"
    ]


def test_what_was_there_before_stays_removed(tmp_path: Path) -> None:
    """Older completions are not written again, and a run that has generated none creates no folder."""
    put(older := LastingStore(tmp_path / "cache", pytest.fail), 0)
    older.close()
    idle, store = (LastingStore(tmp_path / "cache", lambda _: None) for _ in range(2))
    known = store.get(DRAWS)
    shutil.rmtree(tmp_path / "cache")
    idle.close()
    assert not (tmp_path / "cache").exists()
    put(store, 1)
    store.close()

    assert list(known) == [DRAWS[0]]
    assert kept_in(tmp_path / "cache") == {1: "text 1"}


def test_runs_whose_store_is_removed_share_the_new_one(tmp_path: Path) -> None:
    """Each run notices for itself, and keeps what the other has written again."""
    stores = [LastingStore(tmp_path / "cache", lambda _: None) for _ in range(2)]
    put(stores[0], 0)
    put(stores[1], 1)
    shutil.rmtree(tmp_path / "cache")
    put(stores[0], 2)
    put(stores[1], 3)
    put(stores[0], 4)
    for store in stores:
        store.close()

    assert sorted(kept_in(tmp_path / "cache")) == [0, 1, 2, 3, 4]


def test_a_store_that_cannot_be_created_again_costs_the_store_only(tmp_path: Path) -> None:
    """With a file in the folder's place, one warning gives both facts; the run goes on without a store."""
    folder, warnings = tmp_path / "cache", list[str]()
    store = BestEffortStore(LastingStore(folder, pytest.fail), warnings.append)
    put(store, 0)
    shutil.rmtree(folder)
    folder.touch()
    put(store, 1, 2)
    store.close()

    assert len(warnings) == 1
    assert warnings[0].startswith(
        f"{folder}: it was removed during the run, and then: {folder}: no completion store"
    )
    assert warnings[0].endswith("the run goes on without the completion store")


def test_a_store_that_is_lost_at_the_very_end_is_an_error(tmp_path: Path) -> None:
    """After the last completion only ``close`` can notice."""
    folder = tmp_path / "cache"
    store = LastingStore(folder, pytest.fail)
    put(store, 0)
    shutil.rmtree(folder)
    (folder / FILE_NAME).mkdir(parents=True)

    with pytest.raises(StoreError, match=f"{FILE_NAME}: this is a folder; expected the file of a"):
        store.close()

"""The scratch folder: emptied between candidates, removed at the end, and never a way to other folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_humaneval.sandbox.runtime.scratch import Scratch, make_base, remove


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Scratch]:
    """A scratch folder that was used once; this process's working folder is put back afterwards."""
    monkeypatch.chdir(tmp_path)
    made = Scratch(make_base())
    made.renew()
    yield made
    remove(made.base)


def test_renewing_empties_it(scratch: Scratch) -> None:
    """Files, folders that forbid their removal, and what lies beside the working folder are gone."""
    locked = scratch.folder / "a" / "b"
    locked.mkdir(parents=True)
    (locked / "file").touch()
    locked.chmod(0)
    (scratch.base / "beside").touch()

    scratch.renew()

    assert (list(scratch.base.iterdir()), list(scratch.folder.iterdir())) == ([scratch.folder], [])


def test_folders_nested_beyond_any_path_are_removed(scratch: Scratch) -> None:
    """Neither the length of a path nor the depth of a recursion limits what is cleaned up."""
    within = os.open(scratch.folder, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("d", dir_fd=within)
        outer, within = within, os.open("d", os.O_RDONLY, dir_fd=within)
        os.close(outer)
    os.close(within)

    remove(scratch.base)

    assert not scratch.base.exists()


def test_a_link_in_its_place_is_removed_and_not_followed(scratch: Scratch, tmp_path: Path) -> None:
    """A folder swapped for a link to the user's leaves the user's files alone."""
    (tmp_path / "keep.txt").touch()
    scratch.folder.rename(scratch.base / "old")
    scratch.folder.symlink_to(tmp_path)

    scratch.renew()

    assert ((tmp_path / "keep.txt").exists(), scratch.folder.is_symlink()) == (True, False)


def test_removing_a_base_that_became_a_link_removes_the_link(tmp_path: Path) -> None:
    """At the end, too, no link is followed."""
    (tmp_path / "keep.txt").touch()
    base = make_base()
    base.rmdir()
    base.symlink_to(tmp_path)

    remove(base)

    assert ((tmp_path / "keep.txt").exists(), base.is_symlink()) == (True, False)

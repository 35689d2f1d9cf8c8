"""The scratch folders: new for each candidate, removed at the end, and no link in them is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_humaneval.sandbox.runtime.isolation.scratch import Scratch, make_top, remove


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Scratch]:
    """A scratch area in use; this process's working folder is restored afterwards."""
    monkeypatch.chdir(tmp_path)
    made = Scratch(make_top())
    made.make()
    yield made
    remove(made.top)


def test_a_used_area_is_new_afterwards(scratch: Scratch) -> None:
    """Files, folders that forbid their removal, what lies beside, modes and attributes: nothing is left."""
    locked = scratch.folder / "a" / "b"
    locked.mkdir(parents=True)
    (locked / "file").touch()
    locked.chmod(0)
    (scratch.area / "beside").touch()
    (scratch.top / "above").touch()
    scratch.area.chmod(0o300)
    if hasattr(os, "setxattr"):
        os.setxattr(scratch.folder, "user.mark", b"1")

    scratch.discard()
    scratch.make()

    assert list(scratch.top.rglob("*")) == [scratch.area, scratch.folder]
    assert (scratch.area.stat().st_mode & 0o777, scratch.folder.stat().st_mode & 0o777) == (0o700, 0o700)
    assert not hasattr(os, "listxattr") or os.listxattr(scratch.folder) == []


def test_folders_nested_beyond_any_path_are_removed(scratch: Scratch) -> None:
    """Neither the length of a path nor the depth of a recursion limits what is cleaned up."""
    within = os.open(scratch.folder, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("d", dir_fd=within)
        outer, within = within, os.open("d", os.O_RDONLY, dir_fd=within)
        os.close(outer)
    os.close(within)

    remove(scratch.top)

    assert not scratch.top.exists()


def test_a_link_in_its_place_is_removed_and_not_followed(scratch: Scratch, tmp_path: Path) -> None:
    """An area replaced by a link to the user's folder leaves the user's files alone."""
    (tmp_path / "keep.txt").touch()
    scratch.area.rename(scratch.top / "old")
    scratch.area.symlink_to(tmp_path)

    scratch.discard()
    scratch.make()

    assert ((tmp_path / "keep.txt").exists(), scratch.area.is_symlink()) == (True, False)


def test_removing_a_base_that_became_a_link_removes_the_link(tmp_path: Path) -> None:
    """At the end, too, no link is followed."""
    (tmp_path / "keep.txt").touch()
    base = make_top()
    base.rmdir()
    base.symlink_to(tmp_path)

    remove(base)

    assert ((tmp_path / "keep.txt").exists(), base.is_symlink()) == (True, False)

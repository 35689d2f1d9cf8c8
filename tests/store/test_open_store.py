"""Which store a value of ``--humaneval-cache`` opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.open_store import open_store

DRAW = Draw("Test/0", 0, Request("m", "chat", (Message("user", "ask"),), Sampling()))


def test_a_relative_folder_starts_at_the_given_one(tmp_path: Path) -> None:
    """``--humaneval-cache mine`` is kept beside the project, wherever pytest was started."""
    store = open_store("mine", tmp_path)
    store.put(DRAW, Completion("answer"))
    store.close()

    absolute = open_store(str(tmp_path / "mine"), Path("elsewhere"))
    assert absolute.get([DRAW]) == {DRAW: Completion("answer")}
    absolute.close()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            "s3://bucket",
            "s3://bucket: there is no store of kind 's3'; expected a folder, off, or a URL with redis",
        ),
    ],
)
def test_a_kind_that_does_not_exist_is_refused(tmp_path: Path, where: str, message: str) -> None:
    """The message gives what was found, and what may be written instead."""
    with pytest.raises(ConfigError, match=message):
        open_store(where, tmp_path)

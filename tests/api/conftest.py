"""What several tests of the Python API use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_humaneval as ph
from pytest_humaneval.api.warm_sandboxes import WARM
from tests.support.easy_problems import easy_dataset
from tests.support.python_api import write_report


@pytest.fixture(autouse=True, scope="module")
def close_warm_sandboxes() -> Iterator[None]:
    """Leave no process to other files' tests, which count those of this process."""
    yield
    WARM.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty but for the dataset of easy problems, ``easy.jsonl``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "easy.jsonl").write_text(easy_dataset())
    return tmp_path


@pytest.fixture
def canonical_report(folder: Path) -> Path:
    """A report of one canonical solution."""
    return write_report(folder / "report.json", canonical=ph.evaluate("canonical", tasks="0").to_dict())

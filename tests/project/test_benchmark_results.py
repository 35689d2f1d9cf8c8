"""Figures of benchmarks: kept with the machine that they are from, and shown as they are."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "performance.md"


def test_the_page_shows_the_figures_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of the page on performance are those that benchmarks/result_tables.py makes of the files."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    tables = importlib.import_module("result_tables")
    page = PAGE.read_text("utf-8")

    assert page == tables.with_tables(page), "python benchmarks/result_tables.py makes it again"
    assert page.count("<!-- made by benchmarks/result_tables.py: ") == len(tables.TABLES)


def test_a_result_has_its_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CPU, cores, memory, kernel, Python, day and commit stand beside the figures, and the command."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setattr("sys.argv", ["/anywhere/growth.py", "--source", "server"])
    path = tmp_path / "growth.json"

    importlib.import_module("result_file").save(path, {"wall_s": 1.5})

    content = json.loads(path.read_text())
    machine = {"cpu", "cores", "memory_gib", "kernel", "python", "date", "commit"}
    assert content["machine"].keys() == machine
    assert content["command"] == "python benchmarks/growth.py --source server"
    assert content["wall_s"] == 1.5


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks" / "results").glob("*.json")), ids=lambda path: path.stem
)
def test_what_is_kept_says_where_it_was_measured(path: Path) -> None:
    """No figure without the machine and the day."""
    machine = json.loads(path.read_text())["machine"]

    assert {"cpu", "cores", "python", "date"} <= machine.keys()

"""The HTML report as a file: written atomically, self-contained, and the same for the same run."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.html.compressed_json import packed
from pytest_humaneval.reports.html.report import Page, write
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, completion, write_samples
from tests.support.pages import card_of, write_page
from tests.support.records_made import run_of


def unpacked(page: str, place: str) -> object:
    """Return the data of an element of the page."""
    found = re.search(rf'<script type="text/plain" id="{place}">([A-Za-z0-9+/=]*)</script>', page)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_run_writes_it_with_and_without_workers(
    evaluate: Evaluate, tmp_path: Path, mode: tuple[str, ...]
) -> None:
    """With and without xdist, the page has the run's results and the terminal has its address."""
    samples = write_samples(tmp_path / "s.jsonl", [completion(0, "    return 1 / 0\n"), completion(1, "?")])
    path = tmp_path / "new folder" / "report.html"

    done = evaluate(f"--humaneval-samples={samples}", f"--humaneval-html={path}", *mode)

    page = path.read_text(encoding="utf-8")
    index, card = unpacked(page, "index"), unpacked(page, "card-0-0")
    assert isinstance(index, dict)
    assert isinstance(card, dict)
    assert [task for task, _ in index["problems"]] == ["HumanEval/0", "HumanEval/1"]
    assert [index["letters"][cell[0]] for cell in index["cells"][0]] == ["exception", "syntax_error"]
    assert card["samples"][0]["message"] == "ZeroDivisionError: division by zero"
    assert card["samples"][0]["failing_line"] == 12
    assert f"--humaneval-samples={samples}" in card["rerun"]
    assert f"HTML report: {path.as_uri()}" in done.text


def test_a_page_that_cannot_be_written_is_refused_before_the_run(evaluate: Evaluate, tmp_path: Path) -> None:
    """A folder in its place is detected before the run starts."""
    done = evaluate("--humaneval-experiment=canonical", f"--humaneval-html={tmp_path}")

    assert done.status == 4
    assert f"--humaneval-html: {tmp_path} cannot be written" in done.text


def test_each_experiment_is_shown_with_its_own_threshold(tmp_path: Path) -> None:
    """A gate may have a different threshold for each experiment, and none for some."""
    held, higher, free = run_of("+-", "held"), run_of("++", "higher"), run_of("--", "free")
    demanding = [
        replace(run, experiment=replace(run.experiment, fail_under=floor))
        for run, floor in ((held, 0.5), (higher, 0.75))
    ]

    page = write_page(tmp_path, *demanding, free).read_text(encoding="utf-8")

    assert re.findall(r'title="gate: at least ([^"]+)"', page) == ["50.0 %", "75.0 %"]


def test_nothing_in_it_points_outside(tmp_path: Path) -> None:
    """No URL and no file: it works as an attachment of a mail."""
    page = write_page(tmp_path, run_of(["+", "--+"])).read_text(encoding="utf-8")

    assert re.findall(r"""(?:src|href)=(?!"#|"data:)|url\(|@import|\bimport\b|fetch\(""", page) == []
    assert "http" not in re.sub(r"http-equiv|https?\.", "", page)


def test_a_report_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    """A reader finds a whole page: the old one or the new one."""
    path = write_page(tmp_path, run_of("+"))
    old = path.read_bytes()

    def broken(experiment: str, result: ProblemResult) -> FailureCard:
        raise ValueError(experiment, card_of, result)

    with pytest.raises(ValueError, match="one"):
        write(path, Page([run_of("-")], {}, broken))

    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [{}, ["</script>", "<!--", "\ud83d", "é\0\n"], {"n": [1, None, 2.5]}])
def test_packed_data_is_letters_and_digits(data: object) -> None:
    """No data can end its element, and gzip and Base64 restore it."""
    text = packed(data)

    assert re.fullmatch(r"[A-Za-z0-9+/=]+", text)
    assert json.loads(gzip.decompress(base64.b64decode(text))) == data


def test_the_same_data_is_the_same_text() -> None:
    """Without a time in it, two reports of one run can be compared byte by byte."""
    assert packed({"a": 1}) == packed({"a": 1})

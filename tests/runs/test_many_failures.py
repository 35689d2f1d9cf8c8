"""A run with many failures: it stays small, and its figures and reasons are seen."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.easy_problems import easy_dataset
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, write_samples
from tests.support.screens import last_screen

pytestmark = pytest.mark.usefixtures("failures")

COUNT, FAILURES = 80, 70
ARGUMENTS = ("--humaneval-dataset=easy.jsonl", "--humaneval-samples=samples.jsonl")
TITLE = "wrong_answer: easy_0 (Easy/0 of easy) in samples"
PROMPT = "--- prompt ---"


@pytest.fixture
def failures(pytester: pytest.Pytester) -> Path:
    """A folder with 80 problems, and samples of which 70 are wrong."""
    (pytester.path / "easy.jsonl").write_text(easy_dataset(COUNT))
    answers = ["    return 1\n"] * FAILURES + ["    pass\n"] * (COUNT - FAILURES)
    rows = [{"task_id": f"Easy/{i}", "completion": answer} for i, answer in enumerate(answers)]
    return write_samples(pytester.path / "samples.jsonl", rows).parent


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_last_screen_shows_the_figures_and_reasons(failures: Path, mode: Sequence[str]) -> None:
    """80 columns, 24 rows, 70 failures: the table is below pytest's short test summary."""
    rows = last_screen(failures, *ARGUMENTS, *mode)

    table = rows.index(f"{'=' * 37} easy {'=' * 37}")
    assert rows[table + 1] == "experiment  pass@1  95% interval  passed  candidates/s  wall"
    assert rows[table + 2].split()[:2] == ["samples", "12.5%"]
    assert "10/80" in rows[table + 2]
    assert rows[table + 3] == "  10 passed, 70 wrong_answer"
    assert re.fullmatch(r"=+ 70 failed, 10 passed in .*s =+", rows[table + 4])
    assert re.fullmatch(
        r"FAILED \.\.\.::Easy/\d+-easy_\d+ - wrong_answer: assert candidate\(\) is None", rows[table - 1]
    )


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_each_failure_has_few_lines(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """Of 70 failures no card is long, and none says what pytest hides."""
    text = evaluate(*ARGUMENTS, *mode, "--humaneval-tasks=0-19").text

    assert text.count("\n") < 20 * 12
    assert TITLE in text
    assert "  actual:   1\n  expected: is None\n" in text
    assert text.count("\nrerun: pytest ") == 20
    assert "traceback entries are hidden" not in text
    assert PROMPT not in text


@pytest.mark.parametrize("more", [("-v",), ("--tb=long",), ("-k", "easy_0")], ids=" ".join)
def test_the_whole_card_is_there_for_who_wants_it(evaluate: Evaluate, more: Sequence[str]) -> None:
    """With -v, with --tb=long, and when a single problem is selected."""
    tasks = "--humaneval-tasks=0-1" if "-k" not in more else "--humaneval-tasks=0-79"

    assert PROMPT in evaluate(*ARGUMENTS, tasks, *more).text


def test_short_is_short_whatever_else_is_asked_for(evaluate: Evaluate) -> None:
    """--tb=short means the few lines, with -v and for a single problem too."""
    text = evaluate(*ARGUMENTS, "--humaneval-tasks=0", "--tb=short", "-v").text

    assert TITLE in text
    assert PROMPT not in text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_line_names_the_item_and_its_reason(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """With --tb=line: no place in a file, since there is none."""
    lines = evaluate(*ARGUMENTS, "--humaneval-tasks=0-1", "--tb=line", *mode).result.outlines

    assert "humaneval::test_problem[samples-Easy/0-easy_0]: wrong_answer: assert candidate() is None" in lines
    assert not any(":0" in line or line.startswith(TITLE) for line in lines)


def test_with_no_traceback_there_are_the_reasons_alone(evaluate: Evaluate, failures: Path) -> None:
    """--tb=no: a line for each failure, and the figures; the whole card is for JUnit's file."""
    text = evaluate(*ARGUMENTS, "--humaneval-tasks=0-1", "--tb=no", "--junitxml=junit.xml").text

    assert "FAILURES" not in text
    assert PROMPT in (failures / "junit.xml").read_text()
    assert "- wrong_answer: assert candidate() is None\n" in text


@pytest.mark.parametrize(
    ("more", "environment", "is_coloured"),
    [
        (("--color=yes",), {}, True),
        (("--color=no",), {"FORCE_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
    ids=["yes", "no", "FORCE_COLOR", "NO_COLOR"],
)
def test_the_table_and_the_gate_have_pytest_s_colours(
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    more: Sequence[str],
    environment: dict[str, str],
    is_coloured: bool,
) -> None:
    """Passes are green, failures and a gate that fails are red, where pytest itself has colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    text = evaluate(
        *ARGUMENTS, "--humaneval-tasks=69-70", "--tb=no", "--humaneval-fail-under=60%", *more
    ).text

    coloured = "  \x1b[32m1 passed\x1b[0m, \x1b[31m1 wrong_answer\x1b[0m\n\x1b[31mgate: fails"
    assert (coloured in text) is is_coloured
    assert ("\x1b" in text) is is_coloured

"""The text of a failing item."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.reports.failure_card import failure_card
from pytest_humaneval.reports.failure_text import failure_text
from tests.support.records_made import FORMAT, REPAIR, problem, result

SETTINGS = Settings(Path("/project"), experiments=("one", "two"))


def text_of(*samples: Sample) -> str:
    """The text of a problem with these samples."""
    return text_of_result(ProblemResult("Test/0", "add", samples))


def text_of_result(result: ProblemResult) -> str:
    """The text of a result of Test/0."""
    return failure_text(failure_card(result, problem(0, "add"), "one", SETTINGS))


def test_every_section_is_there_in_order() -> None:
    """Summary, message, prompt, completion, steps, program, output, commands to run it again."""
    sample = Sample(
        0,
        Outcome.EXCEPTION,
        "said\n",
        "first\nsecond\n",
        (FORMAT, REPAIR),
        "KeyError: 1",
        seconds=1.25,
        finish_reason="stop",
        failing_line=2,
        output="printed\n",
    )

    assert text_of(sample) == "\n".join(
        [
            "exception: add (Test/0) in one, 1.25 s",
            "",
            "KeyError: 1",
            "",
            "--- prompt ---",
            "def add():",
            '    """Return 0."""',
            "",
            "--- raw completion (finish reason: stop) ---",
            "said",
            "",
            "--- post-processing: last_code_block (format) ---",
            "-```x```",
            "+x",
            "",
            "--- post-processing: balance_brackets (repair) ---",
            "-f(",
            "+f()",
            "",
            "--- extracted program ---",
            "  first",
            "> second",
            "",
            "--- printed, at the end ---",
            "printed",
            "",
            "rerun: pytest --humaneval-experiment=one --humaneval-tasks=Test/0",
            "debug: pytest --humaneval-experiment=one --humaneval-tasks=Test/0 --humaneval-debug",
        ]
    )


def test_a_missing_part_has_no_section() -> None:
    """A failed request has a reason and a command to run it again, nothing else."""
    assert text_of(Sample(0, Outcome.INFRA_ERROR, message="down")).splitlines() == [
        "infra_error: add (Test/0) in one",
        "",
        "down",
        "",
        "--- prompt ---",
        "def add():",
        '    """Return 0."""',
        "",
        "rerun: pytest --humaneval-experiment=one --humaneval-tasks=Test/0",
    ]


def test_of_several_samples_the_first_that_ended_as_the_item_did_is_shown() -> None:
    """All outcomes are listed; trouble is shown before a wrong answer."""
    text = text_of_result(result(0, "--?"))

    assert text.startswith("infra_error: f (Test/0) in one\nnone of 3 samples passed ")
    assert "(0: wrong_answer, 1: wrong_answer, 2: infra_error); this is sample 2" in text


def test_a_problem_without_samples_has_a_text_too() -> None:
    """Its outcome is infra_error: nothing was judged."""
    assert text_of().startswith("infra_error: add (Test/0) in one\n")


def test_no_text_from_outside_steers_the_terminal() -> None:
    """The message, the completion, the program, its output and the finish reason are data."""
    evil = "\x1b]0;x\x07"

    text = text_of(Sample(0, Outcome.EXCEPTION, evil, evil, (), evil, finish_reason=evil, output=evil))

    assert "\x1b" not in text
    assert text.count(r"\x1b]0;x\x07") == 5


def test_a_long_text_is_cut() -> None:
    """An endless completion does not bury the rest."""
    long = "x" * 1_000_000

    assert len(text_of(Sample(0, Outcome.EXCEPTION, long, long, (), long))) < 20_000


def test_a_long_prompt_is_folded() -> None:
    """Its first lines, and how many more there are."""
    long = replace(problem(0), prompt="".join(f"line {number}\n" for number in range(1, 31)))
    text = failure_text(failure_card(result(0, "-"), long, "one", SETTINGS))

    assert "line 8\n... (22 more lines)\n" in text
    assert "line 9" not in text

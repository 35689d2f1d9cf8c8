"""The failure card in a few lines."""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.reports.compact_failure import compact_text, reason
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from tests.support.records_made import problem, result

SETTINGS = Settings(Path("/project"), experiments=("one",))


def card(*samples: Sample) -> FailureCard:
    """The card of Test/0 with these samples."""
    return failure_card(ProblemResult("Test/0", "add", samples), problem(0, "add"), "one", SETTINGS)


def test_a_card_has_what_failed_where_and_how_to_rerun_it() -> None:
    """Nothing of the prompt, of the completion or of the steps; of the program the failing line."""
    message = "assert candidate(1) == 2\n  actual:   3\n  expected: 2"
    sample = Sample(
        0, Outcome.WRONG_ANSWER, "raw", "def add(x):\n    y = x\n    return 3", (), message, failing_line=3
    )

    assert compact_text(card(sample)).splitlines() == [
        "wrong_answer: add (Test/0) in one",
        "assert candidate(1) == 2",
        "  actual:   3",
        "  expected: 2",
        "      y = x",
        ">     return 3",
        "rerun: pytest --humaneval-experiment=one --humaneval-tasks=Test/0",
    ]


def test_long_texts_leave_it_compact() -> None:
    """Neither many lines nor long ones: about 12 rows of 80 columns with everything as long as can be."""
    message = "\n".join(["x" * 5_000] * 50)
    sample = Sample(0, Outcome.EXCEPTION, "raw", "\n".join(["y" * 5_000] * 3), (), message, failing_line=3)

    text = compact_text(card(sample))

    assert len(text.splitlines()) <= 8
    assert sum(-(-len(line) // 80) for line in text.splitlines()) <= 14


def test_of_several_samples_the_outcomes_are_counted() -> None:
    """How many failed how, whatever their number."""
    text = compact_text(failure_card(result(0, "--?"), problem(0), "one", SETTINGS))

    assert text.splitlines()[1] == (
        "none of 3 samples passed (2 wrong_answer, 1 infra_error); this is sample 2"
    )


def test_the_reason_is_one_line_with_the_outcome_first() -> None:
    """What a summary of many failures has room for."""
    assert reason(card(Sample(0, Outcome.WRONG_ANSWER, message="assert 1\n  actual: 2"))) == (
        "wrong_answer: assert 1"
    )
    assert reason(card(Sample(0, Outcome.TIMEOUT))) == "timeout"


def test_no_text_from_outside_steers_the_terminal() -> None:
    """The message and the program are data."""
    evil = "\x1b]0;x\x07"
    evil_card = card(Sample(0, Outcome.EXCEPTION, evil, evil, (), evil, failing_line=1))

    assert "\x1b" not in compact_text(evil_card) + reason(evil_card)
    assert compact_text(evil_card).count(r"\x1b]0;x\x07") == 2

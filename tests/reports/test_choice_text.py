"""What a failure card says of a problem's samples beside their verdicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.reports.choice_text import choice_lines
from pytest_humaneval.reports.compact_failure import compact_text
from pytest_humaneval.reports.failure_card import failure_card
from pytest_humaneval.reports.failure_text import failure_text
from tests.support.records_made import problem, result, tried


def whole_card(of: ProblemResult) -> str:
    """The card as plain text."""
    return failure_text(failure_card(of, problem(0), "one", Settings(Path("/project"), select=("examples",))))


def test_the_chosen_sample_and_all_that_led_to_it_are_shown() -> None:
    """How many examples each passed, which behave alike, what each fails first."""
    assert list(choice_lines(tried(0, "-1a -3b -1a -0c"))) == [
        "chosen: sample 1 (wrong_answer, 3 of 3 examples)",
        "examples passed: 3 of 3 by sample 1; 1 of 3 by samples 0, 2; 0 of 3 by sample 3",
        "behave alike: samples 0, 2; sample 1; sample 3",
        "sample 0 fails an example: f(1) should be 1, but it gave 2",
        "sample 2 fails an example: f(1) should be 1, but it gave 2",
        "sample 3 fails an example: f(0) should be 1, but it gave 2",
    ]


def test_each_round_of_repair_is_shown_and_which_answer_was_kept() -> None:
    """The first answer's outcome stays beside those that came later."""
    first, worse, better = tried(0, "-1a -0b +2c").samples
    repaired = replace(tried(0, "-1a"), samples=(replace(first, rounds=(worse, better)),))

    assert (
        "sample 0: first answer: wrong_answer, 1 of 3 examples; round 1: wrong_answer, 0 of 3 examples; "
        "round 2: passed, 2 of 3 examples (kept)"
    ) in choice_lines(repaired)


def test_many_samples_are_named_in_part() -> None:
    """A card with a hundred of them stays readable."""
    lines = list(choice_lines(tried(0, " ".join(["-1a"] * 100))))

    assert lines[1] == (f"examples passed: 1 of 3 by samples {', '.join(map(str, range(20)))} and 80 more")
    assert lines[-1] == "95 more samples fail an example"


def test_without_a_choice_there_is_no_such_line() -> None:
    """A card of samples that were not tried on examples is as before."""
    assert list(choice_lines(result(0, "--"))) == []


def test_both_forms_of_the_card_have_the_chosen_sample() -> None:
    """The short one in a line; the long one has all, and the command that chooses again."""
    of = tried(0, "-1a -3b")
    short = compact_text(failure_card(of, problem(0), "one", Settings(Path("/project"))))

    assert "chosen: sample 1 (wrong_answer, 3 of 3 examples)" in short
    assert "behave alike" not in short
    assert "\nbehave alike: sample 1" not in short
    assert "chosen: sample 1" in whole_card(of)
    assert "behave alike: sample 0; sample 1" in whole_card(of)
    assert "--humaneval-select=examples" in whole_card(of)

"""The text of a failing item."""

from __future__ import annotations

import shlex
from pathlib import Path

from records_made import FORMAT, REPAIR, result

from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.reports.failure_text import failure_text, rerun_command

SETTINGS = Settings(Path("/project"), experiments=("one", "two"))


def text_of(*samples: Sample) -> str:
    """The text of a problem with these samples."""
    return failure_text(ProblemResult("Test/0", "add", samples), "one", SETTINGS)


def test_everything_that_a_person_needs_is_told_in_order() -> None:
    """Summary, message, what the model said, what was made of it, how to run it again."""
    sample = Sample(
        0, Outcome.WRONG_ANSWER, "said\n", "ran\n", (FORMAT, REPAIR), "assert 1 == 2", finish_reason="stop"
    )

    assert text_of(sample) == "\n".join(
        [
            "wrong_answer: add (Test/0) in one",
            "",
            "assert 1 == 2",
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
            "ran",
            "",
            "rerun: pytest --humaneval-experiment=one --humaneval-tasks=Test/0",
        ]
    )


def test_what_is_not_there_has_no_section() -> None:
    """A request that failed has a reason and a way to run it again, nothing else."""
    assert text_of(Sample(0, Outcome.INFRA_ERROR, message="down")).splitlines() == [
        "infra_error: add (Test/0) in one",
        "",
        "down",
        "",
        "rerun: pytest --humaneval-experiment=one --humaneval-tasks=Test/0",
    ]


def test_of_several_samples_the_first_that_ended_as_the_item_did_is_shown() -> None:
    """All outcomes are listed; trouble is shown before a wrong answer."""
    text = failure_text(result(0, "--?"), "one", SETTINGS)

    assert text.startswith("infra_error: f (Test/0) in one\nnone of 3 samples passed ")
    assert "(0: wrong_answer, 1: wrong_answer, 2: infra_error); this is sample 2" in text


def test_a_problem_without_samples_is_told() -> None:
    """There is always a text."""
    assert text_of().startswith("infra_error: add (Test/0) in one\n")


def test_no_text_from_outside_steers_the_terminal() -> None:
    """The message, the completion, the program and the finish reason are data."""
    evil = "\x1b]0;x\x07"

    text = text_of(Sample(0, Outcome.EXCEPTION, evil, evil, (), evil, finish_reason=evil))

    assert "\x1b" not in text
    assert text.count(r"\x1b]0;x\x07") == 4


def test_a_flood_is_cut() -> None:
    """An endless completion does not bury the rest."""
    flood = "x" * 1_000_000

    assert len(text_of(Sample(0, Outcome.EXCEPTION, flood, flood, (), flood))) < 20_000


def test_the_rerun_command_keeps_what_changes_the_verdict() -> None:
    """Files, server, samples, limits and store as given; words with spaces are quoted for a shell."""
    settings = Settings(
        Path("/project"),
        experiments=("*",),
        config=Path("my experiments.toml"),
        dataset=Path("d.jsonl"),
        n=2,
        timeout_s=1.5,
        base_url="http://h/v1",
        cache="off",
        max_problems=3,
    )

    assert set(shlex.split(rerun_command("one", "Test/0", settings))) == {
        "pytest",
        "--humaneval-experiment=one",
        "--humaneval-tasks=Test/0",
        "--humaneval-config=my experiments.toml",
        "--humaneval-dataset=d.jsonl",
        "--humaneval-n=2",
        "--humaneval-timeout=1.5",
        "--humaneval-base-url=http://h/v1",
        "--humaneval-cache=off",
    }


def test_the_rerun_of_recorded_samples_names_no_experiment_unless_one_was_given() -> None:
    """The experiment ``samples`` is in no file."""
    alone = Settings(Path("/project"), samples=Path("s.jsonl"), samples_field="raw")
    beside = Settings(Path("/project"), samples=Path("s.jsonl"), experiments=("one",))

    assert shlex.split(rerun_command("samples", "Test/0", alone)) == [
        "pytest",
        "--humaneval-tasks=Test/0",
        "--humaneval-samples=s.jsonl",
        "--humaneval-samples-field=raw",
    ]
    assert "--humaneval-experiment=one" in rerun_command("one", "Test/0", beside)

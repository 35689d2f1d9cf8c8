"""The failure card: what it gathers, and the command that runs its problem again."""

from __future__ import annotations

import shlex
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.reports.failure_card import failure_card, rerun_command
from tests.support.records_made import problem, result


def test_the_sample_shown_is_the_first_that_ended_as_the_item_did() -> None:
    """Of many samples a person sees the one that explains the item's outcome."""
    card = failure_card(result(0, "--?-"), problem(0), "one", Settings(Path("/project")))

    assert (card.sample.sample_index, card.sample.outcome) == (2, Outcome.INFRA_ERROR)


def test_debugging_is_the_same_command_with_a_flag_more() -> None:
    """Whoever reruns a problem reruns what they saw, with or without the debugger."""
    card = failure_card(result(0, "-"), problem(0), "one", Settings(Path("/project"), experiments=("one",)))

    assert card.debug == f"{card.rerun} --humaneval-debug"


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

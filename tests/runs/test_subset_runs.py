"""Runs of a subset of the problems: what their gates, comparisons and baselines say of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.easy_problems import FIRST
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate

GATE = "--humaneval-fail-under=0.5"
SUBSETS = [
    pytest.param(("--humaneval-tasks=0-4",), id="tasks"),
    pytest.param(("--humaneval-max-problems=5",), id="max-problems"),
    pytest.param(("-k", "easy_15 or easy_16 or easy_17 or easy_18 or easy_19"), id="k"),
    pytest.param([f"humaneval::test_problem[samples-Easy/{i}-easy_{i}]" for i in range(5)], id="node-ids"),
    pytest.param(("--lf",), id="last-failed"),
]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("subset", SUBSETS)
def test_a_gate_over_a_subset_says_over_what(
    score_easy: Evaluate, subset: Sequence[str], mode: Sequence[str]
) -> None:
    """Whatever has selected the five problems, terminal and JSON report have them beside all twenty."""
    if "--lf" in subset:
        score_easy(FIRST[15])

    finished = score_easy(FIRST[20], GATE, *subset, *mode)

    assert finished.status == 0
    assert (finished.run["problems"], finished.run["scorable"]) == (5, 20)
    finished.result.stdout.fnmatch_lines(
        [
            "samples: a subset: 5 of 20 problems; all of them may score differently",
            "gate: holds over 5 of 20 problems (pass@1 of samples at least 50.0%)",
        ]
    )


def test_a_gate_over_a_stopped_run_says_over_what(score_easy: Evaluate) -> None:
    """With -x the gate is undecided, over what was judged."""
    finished = score_easy(FIRST[3], GATE, "-x")

    assert finished.status == 6
    finished.result.stdout.fnmatch_lines(["gate: undecided over 4 of 20 problems *"])


def test_a_gate_over_all_problems_says_nothing_of_a_subset(score_easy: Evaluate) -> None:
    """The usual case has the usual line."""
    finished = score_easy(FIRST[20], GATE)

    assert "gate: holds (pass@1 of samples at least 50.0%)" in finished.result.outlines
    assert "a subset:" not in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("subset", [SUBSETS[0], SUBSETS[2]])
def test_a_baseline_of_a_subset_is_refused_before_anything_runs(
    score_easy: Evaluate, subset: Sequence[str], mode: Sequence[str]
) -> None:
    """One line with the flag that allows it, a usage error, and no report."""
    finished = score_easy(FIRST[20], "--humaneval-save-baseline=main", *subset, *mode)

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert finished.text.count('of experiment "samples", 5 of 20 problems are selected') == 1
    assert "--humaneval-allow-subset" in finished.text
    assert "Traceback" not in finished.text
    assert not finished.report_path.exists()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_baseline_of_a_subset_is_saved_and_compared_on_request(
    score_easy: Evaluate, mode: Sequence[str]
) -> None:
    """The comparison with it says on how many problems it is."""
    subset = ("--humaneval-tasks=0-4", *mode)
    saved = score_easy(FIRST[20], "--humaneval-save-baseline=main", "--humaneval-allow-subset", *subset)

    finished = score_easy(FIRST[20], "--humaneval-baseline=main", *subset)

    assert (saved.status, finished.status) == (0, 0)
    comparison = finished.report["comparison"]["samples"]
    assert (comparison["compared"], comparison["problems"], comparison["unmatched"]) == (5, 20, 0)
    finished.result.stdout.fnmatch_lines(
        ["  compared on 5 of 20 problems", "gate: holds over 5 of 20 problems"]
    )


def test_listing_a_subset_is_no_saving(score_easy: Evaluate) -> None:
    """A test explorer that collects with the ini file's baseline meets no error."""
    flags = ("--humaneval-save-baseline=main", "--humaneval-tasks=0-4", "--collect-only")

    assert score_easy(FIRST[20], *flags).status == 0

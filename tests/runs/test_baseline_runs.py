"""Runs compared with a baseline: what fails, what is reported, what is refused, and what is saved."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.support.easy_problems import FIRST
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        pytest.param(FIRST[10], FIRST[10], 0, id="the-same"),
        pytest.param(FIRST[10], FIRST[5], 0, id="five-lost-is-not-significant"),
        pytest.param(FIRST[10], FIRST[4], 1, id="six-lost-is"),
        pytest.param(FIRST[4], FIRST[10], 0, id="a-gain-is-no-loss"),
        pytest.param(FIRST[20], FIRST[0], 1, id="all-lost"),
    ],
)
def test_a_baseline_fails_on_a_significant_loss(
    score_easy: Evaluate,
    pytester: pytest.Pytester,
    before: set[int],
    now: set[int],
    status: int,
    mode: Sequence[str],
) -> None:
    """McNemar's exact test decides, not the difference of two figures."""
    (pytester.path / "baseline.json").write_text(json.dumps(score_easy(before).report))

    finished = score_easy(now, "--humaneval-baseline=baseline.json", *mode)

    assert finished.status == status
    comparison = finished.report["comparison"]["samples"]
    assert comparison["gained"] == [f"Easy/{number}" for number in sorted(now - before)]
    assert comparison["lost"] == [f"Easy/{number}" for number in sorted(before - now)]
    assert comparison["decision"] == ("holds" if status == 0 else "fails")


def test_a_baseline_and_a_threshold_must_both_hold(score_easy: Evaluate, pytester: pytest.Pytester) -> None:
    """A drop below the floor fails the gate even where the loss is not significant."""
    (pytester.path / "baseline.json").write_text(json.dumps(score_easy(FIRST[10]).report))

    finished = score_easy(FIRST[9], "--humaneval-baseline=baseline.json", "--humaneval-fail-under=0.5")

    assert finished.status == 1


def test_a_baseline_of_another_dataset_is_refused(score_easy: Evaluate, pytester: pytest.Pytester) -> None:
    """Figures of two datasets are not compared."""
    report = score_easy(FIRST[10]).report
    report["experiments"]["samples"]["manifest"]["dataset_sha256"] = "0" * 64
    (pytester.path / "baseline.json").write_text(json.dumps(report))

    finished = score_easy(FIRST[10], "--humaneval-baseline=baseline.json")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "another dataset" in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_saved_baseline_is_compared_with_by_its_name(
    score_easy: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """Saved under a number and a name; the name means the newest; the summary lists each flip."""
    score_easy(FIRST[20], "--humaneval-save-baseline=main", *mode)
    score_easy(FIRST[10], "--humaneval-save-baseline=main", *mode)

    finished = score_easy(FIRST[9], "--humaneval-baseline=main", *mode)

    saved = sorted(path.name for path in (pytester.path / ".humaneval_baselines").iterdir())
    assert saved == ["0001_main.json", "0002_main.json"]
    assert finished.status == 0
    assert finished.report["comparison"]["samples"]["lost"] == ["Easy/9"]
    finished.result.stdout.fnmatch_lines(
        [
            "samples: not distinguishable from the baseline: 45.0% after 50.0% in 0002_main.json",
            "  -5.0 points (95% interval * to +*), +0/-1 problems, p = 1 (McNemar, exact)",
            "  lost: Easy/9",
            "  a difference of less than 30.0 points would not be significant with so many problems",
        ]
    )


def test_a_run_that_fails_its_gate_is_not_saved(score_easy: Evaluate, pytester: pytest.Pytester) -> None:
    """A run that lost is not what the next run is compared with."""
    finished = score_easy(FIRST[4], "--humaneval-fail-under=50%", "--humaneval-save-baseline=main")

    assert finished.status == 1
    finished.result.stdout.fnmatch_lines(["baseline 'main' not saved: the gate says fails"])
    assert not (pytester.path / ".humaneval_baselines").exists()


def test_a_baseline_that_was_never_saved_is_a_usage_error(score_easy: Evaluate) -> None:
    """One line, before anything runs, that says how to save one."""
    finished = score_easy(FIRST[20], "--humaneval-baseline=main")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "has no baseline called 'main'" in finished.text


def test_what_differs_from_the_baseline_is_flagged(score_easy: Evaluate, pytester: pytest.Pytester) -> None:
    """Another model, n or limit is not refused, but listed in report and summary."""
    report = score_easy(FIRST[10]).report
    report["experiments"]["samples"]["manifest"] |= {"model": "other", "n": 5}
    (pytester.path / "baseline.json").write_text(json.dumps(report))

    finished = score_easy(FIRST[10], "--humaneval-baseline=baseline.json", "--humaneval-timeout=9")

    assert finished.report["comparison"]["samples"]["differs"] == [
        "model: 'other' then, 'samples' now",
        "n: 5 then, 1 now",
        "limits: timeout_s 3.0 then, 9.0 now",
    ]
    finished.result.stdout.fnmatch_lines(["  different settings: model: 'other' then, 'samples' now"])


def test_problems_that_one_of_the_two_lacks_are_counted(
    score_easy: Evaluate, pytester: pytest.Pytester
) -> None:
    """Common problems are compared, the others counted; without common problems the gate is undecided."""
    report = score_easy(FIRST[10]).report
    (pytester.path / "all.json").write_text(json.dumps(report))
    results = report["experiments"]["samples"]["results"]
    report["experiments"]["samples"]["results"] = [each for each in results if each["task_id"] == "Easy/19"]
    (pytester.path / "one.json").write_text(json.dumps(report))

    some = score_easy(FIRST[10], "--humaneval-baseline=all.json", "--humaneval-tasks=0-4")
    unmatched = some.report["comparison"]["samples"]["unmatched"]
    none = score_easy(FIRST[10], "--humaneval-baseline=one.json", "--humaneval-tasks=0-4")

    assert (some.status, unmatched) == (0, 15)
    assert (none.status, none.report["comparison"]["samples"]["decision"]) == (6, "undecided")

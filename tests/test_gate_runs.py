"""Gates as CI meets them: exit statuses, from the command line, plain and under xdist."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from evaluating import Evaluate, completion, write_samples

MODES = [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")]
PASS, FAIL = "    pass\n", "    return 1/0\n"


def dataset(count: int) -> str:
    """Return problems that any body passes unless it raises."""
    rows = [
        {
            "task_id": f"Easy/{number}",
            "prompt": f"def easy_{number}():\n",
            "entry_point": f"easy_{number}",
            "canonical_solution": PASS,
            "test": "def check(candidate):\n    assert candidate() is None\n",
        }
        for number in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def score(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Score 20 easy problems, of which the first so many pass."""
    (pytester.path / "easy.jsonl").write_text(dataset(20))

    def run(passing: set[int], *args: str) -> object:
        rows = [
            {**completion(0, PASS if number in passing else FAIL), "task_id": f"Easy/{number}"}
            for number in range(20)
        ]
        write_samples(pytester.path / "samples.jsonl", rows)
        return evaluate(
            "--humaneval-dataset=easy.jsonl", "--humaneval-samples=samples.jsonl", "--tb=no", *args
        )

    return run  # type: ignore[return-value]


FIRST = [set(range(count)) for count in range(21)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("passing", "least", "status"),
    [(10, "0.5", 0), (10, "50%", 0), (9, "0.5", 1), (0, "0", 0), (20, "100%", 0)],
)
def test_a_threshold_decides_the_exit_status(
    score: Evaluate, passing: int, least: str, status: int, mode: Sequence[str]
) -> None:
    """0 if pass@1 reaches it, 1 if not; the items show as failed all the same."""
    finished = score(FIRST[passing], f"--humaneval-fail-under={least}", *mode)

    assert finished.status == status
    finished.result.assert_outcomes(passed=passing, failed=20 - passing)


@pytest.mark.parametrize("mode", MODES)
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
    score: Evaluate,
    pytester: pytest.Pytester,
    before: set[int],
    now: set[int],
    status: int,
    mode: Sequence[str],
) -> None:
    """McNemar's exact test decides, not the difference of two figures."""
    (pytester.path / "baseline.json").write_text(json.dumps(score(before).report))

    finished = score(now, "--humaneval-baseline=baseline.json", *mode)

    assert finished.status == status
    comparison = finished.report["comparison"]["samples"]
    assert comparison["gained"] == [f"Easy/{number}" for number in sorted(now - before)]
    assert comparison["lost"] == [f"Easy/{number}" for number in sorted(before - now)]
    assert comparison["decision"] == ("holds" if status == 0 else "fails")


def test_a_baseline_and_a_threshold_must_both_hold(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A drop below the floor fails the gate even where the loss is not significant."""
    (pytester.path / "baseline.json").write_text(json.dumps(score(FIRST[10]).report))

    finished = score(FIRST[9], "--humaneval-baseline=baseline.json", "--humaneval-fail-under=0.5")

    assert finished.status == 1


def test_a_baseline_of_another_dataset_is_refused(score: Evaluate, pytester: pytest.Pytester) -> None:
    """Figures of two datasets are not compared."""
    report = score(FIRST[10]).report
    report["experiments"]["samples"]["manifest"]["dataset_sha256"] = "0" * 64
    (pytester.path / "baseline.json").write_text(json.dumps(report))

    finished = score(FIRST[10], "--humaneval-baseline=baseline.json")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "another dataset" in finished.text


def test_a_stopped_run_is_undecided(score: Evaluate) -> None:
    """Problems that were not reached leave the gate undecided."""
    assert score(FIRST[10], "--humaneval-fail-under=0.1", "-x").status == 6


def test_a_failing_test_of_the_project_is_not_hidden_by_the_gate(
    score: Evaluate, pytester: pytest.Pytester
) -> None:
    """The gate speaks for the items of the suite alone."""
    pytester.makepyfile(test_own="def test_own(): assert False")

    assert score(FIRST[20], "--humaneval-fail-under=0.5", "test_own.py", "humaneval").status == 1

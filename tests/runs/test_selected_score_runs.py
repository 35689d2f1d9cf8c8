"""Runs that choose among the samples of each problem: figures, gate, cards, and mistakes in the settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_humaneval.commands.html import run_html
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished, write_samples

RIGHT, NEARLY, WRONG = "    return 2 * x\n", "    return x + 2\n", "    return 0\n"
"""Bodies: the one asked for, one that gets the example right and the test wrong, one that gets both wrong."""

SAMPLES = [(WRONG, RIGHT), (NEARLY, RIGHT), (RIGHT, WRONG), (WRONG, NEARLY)]


@pytest.fixture
def score(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Score two samples of each of four problems, whose prompts show an example."""
    (pytester.path / "twice.jsonl").write_text("".join(map(row, range(len(SAMPLES)))))
    write_drawn(pytester.path, SAMPLES)

    def run(*args: str) -> Finished:
        return evaluate("--humaneval-dataset=twice.jsonl", "--humaneval-samples=samples.jsonl", *args)

    return run


def row(number: int) -> str:
    """A line of the dataset."""
    name = f"twice_{number}"
    return (
        json.dumps(
            {
                "task_id": f"Twice/{number}",
                "prompt": f'def {name}(x):\n    """Return twice x.\n\n    >>> {name}(2)\n    4\n    """\n',
                "entry_point": name,
                "canonical_solution": RIGHT,
                "test": "def check(candidate):\n    assert candidate(5) == 10\n",
            }
        )
        + "\n"
    )


def write_drawn(folder: Path, drawn: Sequence[Sequence[str]]) -> None:
    """Write the samples of each problem."""
    rows = [
        {"task_id": f"Twice/{number}", "completion": body}
        for number, bodies in enumerate(drawn)
        for body in bodies
    ]
    write_samples(folder / "samples.jsonl", rows)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_recorded_samples_are_chosen_from(score: Evaluate, mode: Sequence[str]) -> None:
    """The same in workers: the first two choices pass the example, and only one of them the test."""
    finished = score("--humaneval-select=examples", *mode)
    run = finished.run

    assert (run["pass@1"], run["selected@1"], run["selection"]["oracle"]) == (0.375, 0.5, 0.75)
    assert [result["selected"] for result in run["results"]] == [1, 0, 0, 1]
    assert [run["selection"][flips] for flips in ("gained", "lost")] == [["Twice/0"], []]
    assert run["curve"]["scores"]["examples"] == [0.375, 0.625]
    assert (
        "samples: selected@1 of 2 by examples: 50.0% (15.0% - 85.0%); one sample 37.5%, oracle pass@2 75.0%; "
        "+1/-0 problems against the first sample, p = 1 (McNemar, exact); 8 samples"
    ) in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(("on", "status"), [("selected@1", 0), ("pass@1", 1)])
def test_the_gate_is_on_the_score_that_is_named(
    score: Evaluate, on: str, status: int, mode: Sequence[str]
) -> None:
    """Between the two scores lies the floor."""
    gate = (f"--humaneval-gate-on={on}", "--humaneval-fail-under=50%")
    finished = score("--humaneval-select=examples", *gate, *mode)

    assert finished.status == status
    assert ("gate: holds (selected@1 of 2 of samples at least 50.0%)" in finished.text) == (status == 0)


def test_an_experiment_may_say_what_its_gate_is_on(score: Evaluate, pytester: pytest.Pytester) -> None:
    """The flag overrides it."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.e]\nprovider = "canonical"\nselect = "examples"\n'
        'gate_on = "selected@1"\nfail_under = 0.5\n'
    )

    assert score("--humaneval-experiment=e").status == 0
    assert score("--humaneval-experiment=e", "--humaneval-gate-on=pass@1").status == 1


def test_chosen_samples_are_compared_with_those_of_a_baseline(
    score: Evaluate, pytester: pytest.Pytester
) -> None:
    """A baseline without them is refused before anything runs, in a line that says what to do."""
    score("--humaneval-report=plain.json")
    score("--humaneval-select=examples", "--humaneval-report=chosen.json")
    write_drawn(pytester.path, [(WRONG, RIGHT)] * 4)
    on = ("--humaneval-select=examples", "--humaneval-gate-on=selected@1")

    refused = score(*on, "--humaneval-baseline=./plain.json")
    compared = score(*on, "--humaneval-baseline=./chosen.json")

    assert refused.status == 4
    assert "plain.json, experiment 'samples': has no selected@1 to compare with" in refused.text
    assert (
        "samples: selected@1 of 2 not distinguishable from the baseline: 100.0% after 50.0%" in compared.text
    )
    assert compared.status == 0


@pytest.mark.parametrize(
    ("args", "drawn", "complaint"),
    [
        ((), SAMPLES, 'selected@1 of experiment "samples" needs a way to choose, found none'),
        (("--humaneval-select=examples",), [(RIGHT,)] * 4, "needs several samples of a problem, found n = 1"),
        (("--humaneval-select=examples", "--humaneval-n=1"), SAMPLES, "found n = 1"),
    ],
    ids=["no-way", "one-sample", "one-of-two"],
)
def test_a_gate_on_chosen_samples_without_a_choice_is_a_mistake(
    score: Evaluate,
    pytester: pytest.Pytester,
    args: Sequence[str],
    drawn: Sequence[Sequence[str]],
    complaint: str,
) -> None:
    """One line, before anything runs."""
    write_drawn(pytester.path, drawn)

    finished = score("--humaneval-gate-on=selected@1", "--humaneval-fail-under=0.5", *args)

    assert finished.status == 4
    assert complaint in finished.text
    assert not finished.report_path.exists()


def test_an_unknown_score_for_the_gate_is_a_mistake(score: Evaluate) -> None:
    """The line names those that there are."""
    finished = score("--humaneval-gate-on=pass@2")

    assert finished.status == 4
    assert "expected one of pass@1, selected@1" in finished.text


def test_one_sample_of_each_problem_leaves_nothing_to_choose(
    score: Evaluate, pytester: pytest.Pytester
) -> None:
    """A caution says so, and there is no selected@1."""
    write_drawn(pytester.path, [(RIGHT,)] * 4)
    finished = score("--humaneval-select=examples")

    assert "samples: select: nothing to choose from, n = 1" in finished.text
    assert "selected@1" not in finished.run


def test_a_failure_card_shows_what_was_chosen_and_why(score: Evaluate) -> None:
    """The chosen sample, the examples that each passed, and the first example that fails."""
    finished = score("--humaneval-select=examples", "--humaneval-tasks=3")

    assert "chosen: sample 1 (wrong_answer, 1 of 1 examples)" in finished.text
    assert "examples passed: 1 of 1 by sample 1; 0 of 1 by sample 0" in finished.text
    assert "sample 0 fails an example: twice_3(2) should be 4, but it gave 0" in finished.text
    assert "--humaneval-select=examples" in finished.text


def test_a_page_of_a_report_has_the_curve(score: Evaluate, pytester: pytest.Pytester) -> None:
    """As the page of the run itself has."""
    finished = score("--humaneval-select=examples", "--humaneval-html=run.html")
    run_html([finished.report_path], pytester.path / "read.html", ["twice.jsonl"], print)

    figure = "score of the chosen sample, by number of samples"
    for page in ("run.html", "read.html"):
        text = (pytester.path / page).read_text(encoding="utf-8")
        assert figure in text
        assert "<li>examples, 2 samples: 62.5%</li>" in text

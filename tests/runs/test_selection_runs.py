"""Whole runs that choose among samples: what is chosen, what it may know, and what an attack on it gains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.double_problem import (
    ADDS_ITSELF,
    ADDS_TWO,
    ATTACKS_AT_THE_EXAMPLES,
    DOUBLE,
    DOUBLES,
    KNOWS_THE_EXAMPLES,
    write_double,
)
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished

BODIES = (ADDS_TWO, KNOWS_THE_EXAMPLES, DOUBLES, ADDS_ITSELF)


def chosen(finished: Finished) -> dict[str, Any]:
    """The only problem's entry in the report."""
    entry: dict[str, Any] = finished.run["results"][0]
    return entry


@pytest.mark.parametrize(
    ("how", "index", "mode"),
    [
        pytest.param("first", 0, (), id="first-plain"),
        pytest.param("examples", 1, (), id="examples-plain"),
        pytest.param("vote", 2, (), id="vote-plain"),
        pytest.param("examples,vote", 2, (), id="both-plain"),
        pytest.param("examples,vote", 2, ("-n", "2"), id="both-n2"),
    ],
)
def test_each_way_chooses_its_own(
    pytester: pytest.Pytester, evaluate: Evaluate, how: str, index: int, mode: Sequence[str]
) -> None:
    """The first; the first that gets both examples right; the first of two that behave alike."""
    flags = write_double(pytester.path, BODIES)

    finished = evaluate(*flags, f"--humaneval-select={how}", *mode)

    assert chosen(finished)["selected"] == index
    assert [sample["examples_passed"] for sample in chosen(finished)["samples"]] == [1, 2, 2, 2]
    assert {sample["examples"] for sample in chosen(finished)["samples"]} == {2}
    assert chosen(finished)["groups"] == [1, 2, 0, 0]
    assert finished.run["selected@1"] == float(index >= 2)
    assert finished.run["pass@1"] == 0.5


def test_a_choice_knows_nothing_of_the_hidden_test(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Another test, another solution and other names give other verdicts, and the same choice."""
    run = evaluate(*write_double(pytester.path, BODIES), "--humaneval-select=examples,vote").run
    flags = write_double(
        pytester.path,
        BODIES,
        prompt=DOUBLE["prompt"].replace("double", "other"),
        entry_point="other",
        canonical_solution="    return n + 2\n",
        test="def check(candidate):\n    assert candidate(1) == 3\n",
    )

    other = evaluate(*flags, "--humaneval-select=examples,vote").run

    assert run["outcomes"] != other["outcomes"]
    assert run["results"][0]["selected"] == other["results"][0]["selected"] == 2
    behaviours = [[each["behaviour"] for each in of["results"][0]["samples"]] for of in (run, other)]
    assert behaviours[0] == behaviours[1]


def test_recognising_the_examples_gains_nothing(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A program that is right at the examples alone may be chosen, and then counts as what it is: wrong."""
    flags = write_double(pytester.path, [ADDS_TWO, KNOWS_THE_EXAMPLES])

    finished = evaluate(*flags, "--humaneval-select=examples")

    assert chosen(finished)["selected"] == 1
    assert finished.verdicts == {"Double/0": ["wrong_answer", "wrong_answer"]}
    assert finished.run["selected@1"] == 0.0


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_attack_at_the_examples_is_the_sample_s_outcome(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A program that is right everywhere and attacks the sandbox while the examples run has tampered."""
    flags = write_double(pytester.path, [ATTACKS_AT_THE_EXAMPLES, ADDS_TWO])

    finished = evaluate(*flags, "--humaneval-select=examples", *mode)

    attacked = chosen(finished)["samples"][0]
    assert attacked["outcome"] == "crashed"
    assert "tampered" in attacked["message"]
    assert attacked["examples_passed"] == 0
    assert chosen(finished)["selected"] == 1


def test_an_experiment_names_its_ways_and_a_flag_other_ones(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The key ``select``, the ini file's twin, and the flag above both."""
    flags = write_double(pytester.path, BODIES)
    (pytester.path / "experiments.toml").write_text(
        '[experiments.e]\nprovider = "canonical"\nselect = ["examples", "vote"]\n'
    )
    by_key = evaluate(*flags, "--humaneval-experiment=e").run
    pytester.makeini("[pytest]\nhumaneval_select = examples\n")
    by_ini = evaluate(*flags, "--humaneval-experiment=e").run
    by_flag = evaluate(*flags, "--humaneval-experiment=e", "--humaneval-select=first").run

    assert [run["results"][0]["selected"] for run in (by_key, by_ini, by_flag)] == [2, 1, 0]
    assert [each["select"] for each in (by_key, by_ini, by_flag)] == [
        ["examples", "vote"],
        ["examples"],
        ["first"],
    ]


def test_unknown_ways_are_refused(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """In one line that says which there are."""
    flags = write_double(pytester.path, BODIES)

    finished = evaluate(*flags, "--humaneval-select=examples,luck")

    assert finished.status == 4
    assert "one of first, examples, vote, likelihood, or a comma list" in finished.text


def test_unknown_ways_of_an_experiment_are_refused(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """In one line that says where they are."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.e]\nprovider = "canonical"\nselect = "luck"\n'
    )

    finished = evaluate("--humaneval-experiment=e")

    assert finished.status == 4
    assert 'experiment "e", select' in finished.text


def test_a_choice_by_the_tests_themselves_has_a_caution(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The prompts of MBPP show all that judges them, so its examples are no hidden tests' stand-ins."""
    row = {
        "task_id": 1,
        "text": "Double it.",
        "code": "def d(n): return 2 * n",
        "test_list": ["assert d(1) == 2"],
    }
    lines = [json.dumps({"task_id": "Mbpp/1", "solution": row["code"]})] * 2
    (pytester.path / "mbpp.jsonl").write_text(json.dumps(row) + "\n")
    (pytester.path / "samples.jsonl").write_text("\n".join(lines) + "\n")

    flags = ["--humaneval-dataset=mbpp.jsonl", "--humaneval-samples=samples.jsonl"]
    chosen_by_test, alone = evaluate(*flags, "--humaneval-select=examples").text, evaluate(*flags).text

    assert "show the very tests that judge" in chosen_by_test
    assert "show the very tests that judge" not in alone


def test_nothing_is_called_where_nothing_is_chosen(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Without ways an attack at the examples stays what it is to the test: a pass, for it never happens."""
    finished = evaluate(*write_double(pytester.path, [ATTACKS_AT_THE_EXAMPLES]))

    assert finished.verdicts == {"Double/0": ["passed"]}
    assert "examples" not in chosen(finished)["samples"][0]

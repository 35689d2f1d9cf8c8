"""Whole runs of the studies that come with the package: the published tables of two models."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_humaneval.core.config.shipped import EXPERIMENTS
from pytest_humaneval.core.datasets import read_problems
from tests.support.engines import needs_engine
from tests.support.evaluating import Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers

ROOT = Path(__file__).parents[2]
RECORDINGS = Path(os.environ.get("HUMANEVAL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "samples"

ROWS = [
    "base_study[minimal,none]",
    "base_study[fewshot_v1,none]",
    "base_study[fewshot_v2,none]",
    "base_study[fewshot_v2_devise,none]",
    "base_study[fewshot_v2_devise,post_v7]",
    "instruct_study[fewshot_v1,post_chat]",
    "instruct_study[worked_examples,post_chat]",
    "instruct_study[fewshot_v1_cot,post_chat]",
]
BOTH = "--humaneval-experiment=base_study,instruct_study"


def test_the_list_has_every_row_of_both(evaluate: Evaluate) -> None:
    """The five of the base model's table and the three of the instruct model's, in order."""
    listed = evaluate("--humaneval-list").text

    assert [name for name in ROWS if name in listed] == ROWS
    assert sorted(ROWS, key=listed.index) == ROWS


def test_both_shipped_studies_are_one_command(stub_server: StartServer, evaluate: Evaluate) -> None:
    """A model that knows every answer solves the problems in every row, and no level moves the score."""
    server = stub_server(Behaviour(answer=canonical_answers(read_problems())))

    finished = evaluate(BOTH, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0-2")

    assert finished.status == 0, finished.text
    assert list(finished.report["experiments"]) == ROWS
    assert {run["passed"] for run in finished.report["experiments"].values()} == {3}
    effects = {name: study["effects"] for name, study in finished.report["studies"].items()}
    assert [each["level"] for each in effects["base_study"]] == [
        "fewshot_v1",
        "fewshot_v2",
        "fewshot_v2_devise",
        "post_v7",
    ]
    assert [each["level"] for each in effects["instruct_study"]] == ["worked_examples", "fewshot_v1_cot"]
    assert not any(each["distinguishable"] for study in effects.values() for each in study)


@needs_engine
def test_a_model_in_this_process_runs_both(evaluate: Evaluate, pytester: pytest.Pytester) -> None:
    """The memoriser knows every second answer to the one prompt, and every fourth to the other."""
    text = EXPERIMENTS.read_text(encoding="utf-8")
    for server in ("base", "instruct"):
        text = text.replace(
            f'server = "{server}"\n', 'provider = "embedded"\nmodel = "memoriser"\nthreads = 1\n'
        )
    (pytester.path / "experiments.toml").write_text(text, encoding="utf-8")

    finished = evaluate(BOTH, "--humaneval-tasks=0-7", "--tb=no")

    experiments = finished.report["experiments"]
    assert {name: run["problems"] for name, run in experiments.items()} == dict.fromkeys(ROWS, 8)
    assert experiments["instruct_study[fewshot_v1,post_chat]"]["passed"] == 4
    assert experiments["base_study[minimal,none]"]["passed"] == 2
    assert list(finished.report["studies"]) == ["base_study", "instruct_study"]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not on this machine")
def test_a_whole_study_of_recorded_answers(evaluate: Evaluate) -> None:
    """Answers that run on past the function: three pass as they are, and post_v7 alone moves the score."""
    recording = RECORDINGS / "q25c05bi_runon_a.jsonl.gz"

    finished = evaluate(
        "--humaneval-experiment=base_study", f"--humaneval-samples={recording}", "--tb=no", "-q"
    )

    experiments = finished.report["experiments"]
    assert [experiments[name]["passed"] for name in ROWS[:4]] == [3] * 4
    assert experiments[ROWS[4]]["passed"] > 70
    effects = finished.report["studies"]["base_study"]["effects"]
    assert [each["level"] for each in effects if each["distinguishable"]] == ["post_v7"]
    assert {each["problems"] for each in effects} == {164}

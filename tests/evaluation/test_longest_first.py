"""Long candidates of earlier runs: what is kept of them, and that their problems come first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.evaluation.longest_first import FILE_NAME, long_candidates, ordered, remember
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from tests.support.records_made import run_of


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A plan whose completions are kept in a folder."""
    (tmp_path / "cache").mkdir()
    return make_plan(Settings(tmp_path, experiments=("canonical",), cache="cache"))


def run(**seconds: float) -> Run:
    """Return a run of these problems, HumanEval/0 as ``p0``, with a candidate that took so long."""
    results = (
        ProblemResult(f"HumanEval/{name[1:]}", "f", (Sample(0, Outcome.TIMEOUT, seconds=each),))
        for name, each in seconds.items()
    )
    return run_of(results, "canonical")


def test_what_took_long_comes_first(plan: Plan) -> None:
    """The longest of all first; problems without a long candidate stay in their order, behind these."""
    remember(plan, [run(p0=0.001, p1=0.6, p2=3.0, p3=0.4)])

    known = long_candidates(plan)

    assert known == {("canonical", "HumanEval/1"): 0.6, ("canonical", "HumanEval/2"): 3.0}
    task_ids = [f"HumanEval/{number}" for number in range(4)]
    expected = [f"HumanEval/{number}" for number in (2, 1, 0, 3)]
    assert ordered({"canonical": task_ids}, known) == {"canonical": expected}


def test_a_later_run_corrects_what_is_known_of_its_problems(plan: Plan) -> None:
    """Of the others it says nothing, so what was known of them is kept."""
    remember(plan, [run(p1=3.0, p2=3.0)])
    remember(plan, [run(p2=0.001)])

    assert long_candidates(plan) == {("canonical", "HumanEval/1"): 3.0}


@pytest.mark.parametrize("content", ["", "[]", '{"sha": {"HumanEval/0": "long"}}', '{"sha": 3}'])
def test_a_broken_file_is_as_good_as_none(plan: Plan, content: str) -> None:
    """The run goes on in the usual order, and writes the file anew."""
    (plan.settings.rootdir / "cache" / FILE_NAME).write_text(content)

    assert long_candidates(plan) == {}
    remember(plan, [run(p1=3.0)])
    assert long_candidates(plan) == {("canonical", "HumanEval/1"): 3.0}


def test_nothing_is_written_where_no_completions_are_kept(plan: Plan) -> None:
    """Without a store, the project's folder stays as it is."""
    elsewhere = replace(plan, settings=replace(plan.settings, cache="none"))

    for each in (elsewhere, replace(plan, settings=replace(plan.settings, cache="off"))):
        remember(each, [run(p1=3.0)])
        assert long_candidates(each) == {}
    assert [path.name for path in plan.settings.rootdir.iterdir()] == ["cache"]

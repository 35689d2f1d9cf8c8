"""Extraction from recorded answers of real models: no right answer is lost.

The recordings are no part of the project; without them these tests are skipped.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Outcome
from tests.support.extraction.judging import Judge

ROOT = Path(__file__).parents[3]
SAMPLES = Path(os.environ.get("HUMANEVAL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recordings are not on this machine")


def recorded(name: str, problems: tuple[Problem, ...]) -> list[tuple[Problem, Completion]]:
    """Return a recording's raw answers with their problems."""
    by_id = {problem.task_id: problem for problem in problems}
    with gzip.open(SAMPLES / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [(by_id[row["task_id"]], Completion(row["raw"])) for row in map(json.loads, lines)]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("q25c05bi_evalplus_greedy", 98),
        ("q25c05bi_runon_a", 78),
        ("mapcoder_qwencoder480b_direct", 159),
    ],
)
def test_right_answers_of_real_models_score(
    name: str, least: int, problems: tuple[Problem, ...], judge: Judge
) -> None:
    """Prefilled fence, base-model run-on, several fences: no right answer is lost in its form.

    Two further recordings are counted where their samples are chosen from: ``test_recorded_data``.
    """
    outcomes = judge(recorded(name, problems), "auto")

    assert outcomes.count(Outcome.PASSED) >= least


@pytest.mark.parametrize(
    "name", ["q25c05bi_runon_a", "q25c05bi_evalplus_greedy", "mapcoder_qwencoder480b_direct"]
)
def test_extraction_of_real_answers_is_idempotent(name: str, problems: tuple[Problem, ...]) -> None:
    """From an extracted solution the same solution is extracted."""
    for problem, completion in recorded(name, problems):
        solution = extract(completion, problem.stub, resolve("auto")).solution
        if solution is not None and defines(solution, problem.entry_point):
            assert solution == extract(Completion(solution), problem.stub, resolve("auto")).solution

"""Recorded output of real models, scored as it is: the true counts, sample by sample, plain and under xdist.

The recordings are no part of the project; without them these tests are skipped.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from pytest_humaneval.core.results_json import sample_from_json
from pytest_humaneval.core.selection.choosing import Attempt, best
from tests.support.evaluating import Evaluate

ROOT = Path(__file__).parents[2]
SAMPLES = Path(os.environ.get("HUMANEVAL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recordings are not on this machine")
MODES = [pytest.param((), id="plain"), pytest.param(("-n", "4"), id="n4")]


def recorded(path: Path) -> dict[str, list[bool]]:
    """Return for each problem which of its samples passed when they were recorded."""
    flags: dict[str, list[bool]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            flags.setdefault(row["task_id"], []).append(row["recorded_passed"])
    return flags


@pytest.mark.parametrize(
    ("name", "expected", "mode"),
    [
        pytest.param("q3_06b_chat_n10", 599, (), id="chat-plain"),
        pytest.param("q3_06b_completion1_n10", 269, ("-n", "4"), id="completion-n4"),
        pytest.param("q25c15b_base_official", 72, (), id="base-plain"),
        pytest.param("q25c15b_base_official", 72, ("-n", "4"), id="base-n4"),
    ],
)
def test_every_sample_has_its_recorded_verdict(
    evaluate: Evaluate, name: str, expected: int, mode: Sequence[str]
) -> None:
    """Texts that continue the prompt score exactly as recorded, each and every one."""
    path = SAMPLES / f"{name}.jsonl.gz"

    finished = evaluate(
        f"--humaneval-samples={path}", "--humaneval-samples-field=completion", "--tb=no", *mode
    )

    passed = {task_id: [o == "passed" for o in outcomes] for task_id, outcomes in finished.verdicts.items()}
    assert passed == recorded(path)
    assert finished.run["outcomes"]["passed"] == expected


@pytest.mark.parametrize("mode", MODES)
def test_whole_programs_score_by_the_dataset_s_own_tests(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """98, and not the 99 that were recorded: HumanEval/95 passes only under another harness's inputs."""
    path = SAMPLES / "q25c05bi_evalplus_greedy.jsonl.gz"

    finished = evaluate(f"--humaneval-samples={path}", "--humaneval-samples-field=solution", "--tb=no", *mode)

    passed = {task_id: [o == "passed" for o in outcomes] for task_id, outcomes in finished.verdicts.items()}
    assert {task_id for task_id, flags in recorded(path).items() if flags != passed[task_id]} == {
        "HumanEval/95"
    }
    assert finished.run["outcomes"]["passed"] == 98


def expected_share(results: Sequence[dict[str, Any]], *ways: str) -> float:
    """The share of problems whose chosen sample passes; the mean where several are equally good."""
    shares = []
    for result in results:
        samples = [sample_from_json(index, each) for index, each in enumerate(result["samples"])]
        found = best([Attempt.of(sample) for sample in samples], ways)
        shares.append(fmean(samples[index].outcome == "passed" for index in found))
    return fmean(shares)


@pytest.mark.parametrize(
    ("name", "mode", "right", "vote", "examples", "both"),
    [
        pytest.param("q3_06b_chat_n10", (), 615, 0.53, 0.56, 0.56, id="chat-plain"),
        pytest.param("q3_06b_completion1_n10", ("-n", "2"), 366, 0.41, 0.44, 0.44, id="completion-n2"),
    ],
)
def test_choosing_among_ten_recorded_samples(
    evaluate: Evaluate, name: str, mode: Sequence[str], right: int, vote: float, examples: float, both: float
) -> None:
    """From raw text no right answer is lost, and each way scores this, one sample 37.5 % and 22.6 %."""
    path = SAMPLES / f"{name}.jsonl.gz"

    finished = evaluate(f"--humaneval-samples={path}", "--humaneval-select=examples,vote", "--tb=no", *mode)

    results = finished.run["results"]
    assert finished.run["outcomes"]["passed"] >= right
    assert expected_share(results, "vote") >= vote
    assert expected_share(results, "examples") >= examples
    assert expected_share(results, "examples", "vote") >= both
    assert finished.run["selected@1"] >= both

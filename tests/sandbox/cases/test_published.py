"""The published files of HumanEval+ and MBPP+: their own solutions pass, and stubs do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.datasets.reading import read_dataset
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from tests.support.shared_datasets import DATASETS, needs_datasets

pytestmark = needs_datasets

STUBS = ("None", "[]", "[1]", "0")
# One in so many of the problems, which leaves out those whose reference takes seconds; the special rules.
HUMANEVAL_STEP, MBPP_STEP = 11, 40
HUMANEVAL_CHOSEN = {32, 100}
MBPP_CHOSEN = {2, 7, 82, 85, 88, 111, 164, 252, 295, 558, 579, 581, 630, 737, 769, 787}

JudgeAll = Callable[[list[tuple[Problem, str]]], list[Verdict]]


@pytest.fixture(scope="module")
def judge_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeAll]:
    """Return the verdicts on programs, with an empty cache at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with open_sandbox(Limits(), jobs=2) as sandbox, ThreadPoolExecutor(2) as threads:
            yield lambda programs: list(threads.map(lambda each: sandbox.run(assemble(*each)), programs))


def chosen(name: str) -> list[Problem]:
    """Return some of a dataset's problems."""
    problems = read_dataset(DATASETS / name).problems
    step, special = (MBPP_STEP, MBPP_CHOSEN) if name[0] == "M" else (HUMANEVAL_STEP, HUMANEVAL_CHOSEN)
    return [*problems[::step], *(each for each in problems if int(each.task_id.partition("/")[2]) in special)]


@pytest.mark.parametrize("name", ["HumanEvalPlus-v0.1.10.jsonl.gz", "MbppPlus-v0.2.0.jsonl.gz"])
def test_canonical_solutions_pass_and_stubs_do_not(judge_all: JudgeAll, name: str) -> None:
    """Base and plus; the rule "anything" of one problem takes what it says."""
    problems = chosen(name)
    solutions = [(each, each.prompt + each.canonical_solution) for each in problems]
    stubs = [
        (each, f"def {each.entry_point}(*_): return {stub}")
        for each in problems
        for stub in STUBS
        if each.cases and each.cases.rule != "anything"
    ]

    assert [verdict.message for verdict in judge_all(solutions) if verdict.outcome != "passed"] == []
    passed = [
        program
        for program, verdict in zip(stubs, judge_all(stubs), strict=True)
        if verdict.outcome == "passed"
    ]
    assert [each.entry_point for each, _ in passed] == []

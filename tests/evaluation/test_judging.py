"""Judging: equal programs are executed once, and samples in any order become one result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.evaluation.judging import OnceSandbox, ProblemSamples, problem_result
from tests.support.records_made import problem

PASSED, LOST = Verdict(Outcome.PASSED), Verdict(Outcome.INFRA_ERROR)


class CountingSandbox:
    """Counts what it is given; the edge of the world for these tests."""

    def __init__(self, give: Callable[[], Verdict]) -> None:
        self.given: Counter[Candidate] = Counter()
        self._give = give

    def run(self, candidate: Candidate) -> Verdict:
        """Count and answer."""
        self.given[candidate] += 1
        return self._give()

    def close(self) -> None:
        """Do nothing."""


def test_equal_candidates_are_executed_once() -> None:
    """Also where they come at the same time: the later ones wait for the first one's verdict."""
    sandbox = CountingSandbox(lambda: PASSED)
    once = OnceSandbox(sandbox)
    candidates = [assemble(problem(number), "x = 1") for number in (0, 1)] * 50

    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(once.run, candidates))

    assert verdicts == [PASSED] * 100
    assert set(sandbox.given.values()) == {1}
    assert len(sandbox.given) == 2


def test_trouble_is_not_shared() -> None:
    """An infra_error says nothing of the program: the next equal one is tried again."""
    answers = iter([LOST, PASSED])
    once = OnceSandbox(CountingSandbox(lambda: next(answers)))
    candidate = assemble(problem(0), "x = 1")

    assert [once.run(candidate), once.run(candidate)] == [LOST, PASSED]


SAMPLES = (
    Sample(0, Outcome.PASSED, solution="x = 1"),
    Sample(1, Outcome.WRONG_ANSWER, solution="x = 2"),
    Sample(2, Outcome.PASSED, solution="x = 1"),
    Sample(3, Outcome.INFRA_ERROR, solution="x = 2"),
    Sample(4, Outcome.NO_CODE),
    Sample(5, Outcome.NO_CODE),
    Sample(6, Outcome.WRONG_ANSWER, solution="x = 2"),
)


def test_samples_are_in_the_order_of_their_index_however_they_came() -> None:
    """The result is the same for samples in memory and for those that were kept on disk one by one."""
    kept = ProblemSamples(spool_samples())
    for sample in reversed(SAMPLES):
        kept.add(sample)

    assert kept.result(problem(0)) == problem_result(problem(0), reversed(SAMPLES))
    assert tuple(kept.result(problem(0)).samples) == SAMPLES


def test_the_first_of_equal_programs_counts_as_the_executed_one() -> None:
    """What has no program or no verdict shares nothing with any other."""
    assert problem_result(problem(0), SAMPLES).shared == {2, 6}

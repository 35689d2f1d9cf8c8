"""One run on two datasets, of which one has base tests and further ones: ids, summary, cards and reports.

The sandbox is a plugin's, which gives the verdicts that a test wants.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate

PLUGIN = """
    import marshal
    from dataclasses import replace

    from pytest_humaneval.core.datasets import Dataset, read_dataset
    from pytest_humaneval.core.problem import Cases
    from pytest_humaneval.core.records import Outcome, Verdict

    class Knowing:
        '''What has cases and is not truncate_number fails a plus test.'''
        places = 1
        def run(self, candidate):
            if candidate.cases is None or candidate.entry_point == "truncate_number":
                return Verdict(Outcome.PASSED, base_outcome=candidate.cases and Outcome.PASSED)
            message = "plus input 2 of 3: f(1)\\nreturned 4\\nexpected 5"
            return Verdict(Outcome.WRONG_ANSWER, message, base_outcome=Outcome.PASSED)
        def layers(self): return {}
        def close(self): pass
        def __enter__(self): return self
        def __exit__(self, *_): pass

    def more():
        whole = read_dataset()
        cases = Cases("", marshal.dumps([[1]], 2), marshal.dumps([[1], [2], [3]], 2))
        problems = tuple(replace(each, test="", cases=cases) for each in whole.problems[1:3])
        return Dataset(whole.path, "0" * 64, problems, "more+")

    def pytest_humaneval_register(registry):
        registry.sandbox("knowing", lambda limits, jobs, isolation, address: Knowing())
        registry.dataset("more+", more)
"""

EXPERIMENTS = """
    [experiments.plain]
    provider = "canonical"
    [experiments.plus]
    provider = "canonical"
    dataset = "more+"
"""


@pytest.fixture
def run_both(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Run problems 1 and 2 of HumanEval, and the two of the other dataset, of which one fails."""
    pytester.makeconftest(textwrap.dedent(PLUGIN))
    (pytester.path / "experiments.toml").write_text(textwrap.dedent(EXPERIMENTS))
    names = ("--humaneval-experiment=plain,plus", "--humaneval-sandbox=knowing", "--humaneval-tasks=1,2")
    return lambda *args: evaluate(*names, *args)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_run_on_two_datasets_tells_them_apart(
    pytester: pytest.Pytester, run_both: Evaluate, mode: Sequence[str]
) -> None:
    """In header, ids, card, title, table, gate, JSON and JUnit, plain and under xdist."""
    finished = run_both("--junitxml=junit.xml", "--humaneval-fail-under=0.5", *mode)

    finished.result.stdout.fnmatch_lines(
        [
            "humaneval: plain, plus; 2 problems of humaneval, 2 problems of more+, *",
            "wrong_answer: separate_paren_groups (HumanEval/1 of more+) in plus",
            "it passed the base tests, and failed a plus test",
            "plus input 2 of 3: f(1)",
            "returned 4",
            "expected 5",
            "rerun: pytest --humaneval-experiment=plus --humaneval-tasks=HumanEval/1",
            "FAILED ...::plus-more+:HumanEval/1-separate_paren_groups - wrong_answer: *",
            "=* HumanEval, more+ =*",
            "experiment *dataset *pass@1 *base *",
            "plain *humaneval *100.0% *- *",
            "plus *more+ *50.0% *100.0% *",
            "gate: holds*",
            "gate: base and plus tests decide; pass@1 by the base tests alone: plus 100.0%",
        ]
    )
    plus = finished.report["experiments"]["plus"]
    assert (plus["dataset"]["name"], plus["manifest"]["dataset_name"]) == ("more+", "more+")
    assert (plus["pass@1"], plus["pass@1_base"]) == (0.5, 1.0)
    assert "pass@1_base" not in finished.report["experiments"]["plain"]
    text = (pytester.path / "junit.xml").read_text()
    cases = ElementTree.fromstring(text).iterfind(".//testcase")  # noqa: S314 (our own file)
    assert {case.attrib["name"] for case in cases} == {
        "test_problem[plain-HumanEval/1-separate_paren_groups]",
        "test_problem[plain-HumanEval/2-truncate_number]",
        "test_problem[plus-more+:HumanEval/1-separate_paren_groups]",
        "test_problem[plus-more+:HumanEval/2-truncate_number]",
    }
    assert '<property name="humaneval_base_outcome" value="passed"' in text


def test_a_dataset_is_found_by_k_and_a_failure_by_lf(run_both: Evaluate) -> None:
    """The name in an id is one that pytest's own selection takes."""
    finished = run_both("-k", "more+")
    assert [*finished.report["experiments"]] == ["plus"]

    again = run_both("--lf")
    assert again.verdicts == {"HumanEval/1": ["wrong_answer"]}

"""Answers to the problems of other datasets, row by row: the program is the one that was written.

The datasets are no part of the project; without them these tests are skipped.
"""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Callable, Sequence

import pytest

from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Form, Outcome
from tests.support.extraction.judging import Judge
from tests.support.shared_datasets import DATASETS, needs_datasets

pytestmark = needs_datasets

GAPS = ("HumanEval-SingleLineInfilling", "HumanEval-RandomSpanInfillingLight")
AUTO = resolve("auto")


def problems_of(name: str) -> Sequence[Problem]:
    """Return the problems of a file of the datasets' folder."""
    return read_problems(DATASETS / f"{name}.jsonl.gz")


def solved(problem: Problem, text: str, form: Form = "raw") -> str:
    """Return the program made of an answer."""
    return extract(Completion(text, "stop", form), problem.stub, AUTO).solution or ""


@pytest.mark.parametrize("form", ["raw", "completion"])
@pytest.mark.parametrize("name", GAPS)
def test_the_canonical_middle_fills_every_gap(name: str, form: Form) -> None:
    """Prefix, middle and suffix are joined as they are, wherever the gap begins and ends."""
    for problem in problems_of(name):
        middle = problem.canonical_solution
        joined = f"{problem.prompt}{middle}{problem.suffix}"
        assert solved(problem, middle, form).rstrip() == joined.rstrip()


@pytest.mark.parametrize("name", GAPS)
def test_a_prompt_that_breaks_off_keeps_its_helpers(name: str, judge: Judge) -> None:
    """The tests of HumanEval/32, 38 and 50 call the prompt's helper, which stands before the gap."""
    helped = [
        (problem, Completion(problem.canonical_solution, "stop"))
        for problem in problems_of(name)
        if {"32", "38", "50"} & set(problem.task_id.split("/"))
    ]

    assert set(judge(helped, "auto")) == {Outcome.PASSED}


def test_a_bug_is_judged_as_it_is_written(judge: Judge) -> None:
    """HumanEvalFix: no step repairs a buggy solution, nor one that a whole function repeats."""
    problems = problems_of("humanevalpack-python")[:8]
    answers = [(each, Completion(each.buggy, "stop", "completion")) for each in problems[:4]]
    answers += [(each, Completion(f"```python\n{each.prompt}{each.buggy}```")) for each in problems[4:]]

    assert Outcome.PASSED not in judge(answers, "auto")


def statements(source: str) -> list[str]:
    """Return a module's statements, however they are laid out; results that nobody uses do not count."""
    tree = parse(source)
    assert tree is not None
    return [ast.dump(part) for part in tree.body if not isinstance(part, ast.Expr)]


FORMS: dict[str, Callable[[Problem, str], str]] = {
    "bare": lambda _, code: code,
    "fenced": lambda _, code: f"Here it is:\n```python\n{code}```\nDone.",
    "after the prompt": lambda problem, code: f"```python\n{problem.prompt}{code}```",
    "before asserts": lambda problem, code: f"{code}\nassert {problem.entry_point}() == 17\nprint(input())\n",
    "under a guard": lambda _, code: f"{code}\nif __name__ == '__main__':\n    main()\n",
    "before the next task": lambda _, code: f'{code}\n"""\nNext.\n"""\ndef next_one(x):\n    return x +\n',
    "between marks": lambda _, code: f"{code}[DONE]\n\nYou are an expert\n[BEGIN]\ndef other():\n    pass\n",
    "before a stub": lambda problem, code: f"{code}\ndef {problem.entry_point}(x):\n    pass\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_answer_to_mbpp_gives_its_program(form: str) -> None:
    """A prompt without a signature: the module is the answer's own, and what only tries it out is gone."""
    for problem in problems_of("MbppPlus-v0.2.0")[::3]:
        code = problem.canonical_solution.strip("\n") + "\n"
        program = solved(problem, FORMS[form](problem, code))

        assert statements(program.removeprefix(problem.prompt)) == statements(code)


def test_the_stops_for_mbpp_cut_no_recorded_answer() -> None:
    """Those of the experiment ``minimal`` would cut a third of them before or inside of a definition."""
    stops = read_strategy([STRATEGIES], "completion", "mbpp").stop
    prompts = {problem.task_id: problem.prompt for problem in problems_of("MbppPlus-v0.1.0")}
    with gzip.open(DATASETS / "recorded" / "q25c15b_base_mbpp.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = list(map(json.loads, lines))
    answers = [row["completion"].removeprefix(prompts[row["task_id"]]) for row in rows]

    assert stops
    assert sum(any(stop in answer for stop in stops) for answer in answers) == 0
    assert sum("\ndef " in answer for answer in answers) == 132

"""How many right answers four ways to make a program of an answer lose.

    python benchmarks/answer_forms.py

HumanEval's 164 canonical solutions, each written in fifteen forms in which models answer, are made into
programs in four ways and judged. All are right, so what a cell of the table lacks to 164 is the way's loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest_humaneval as ph
from pytest_humaneval.commands.answer_forms import FIFTEEN

Way = Callable[[str, ph.Problem], "str | None"]


def prompt_and_answer(answer: str, problem: ph.Problem) -> str:
    """Return the prompt with the answer as its continuation."""
    return problem.prompt + answer


def first_block(answer: str, problem: ph.Problem) -> str:  # noqa: ARG001 (the other ways use the problem)
    """Return the first fenced block, or the whole answer without one."""
    found = re.search(r"```\w*\n(.*?)```", answer, re.DOTALL)
    return found[1] if found else answer


def post_chat(answer: str, problem: ph.Problem) -> str | None:
    """Return the prompt with the body of the answer's function."""
    return ph.extract(answer, problem.task_id, postprocess="post_chat").solution


def auto(answer: str, problem: ph.Problem) -> str | None:
    """Return what this package makes of it by default."""
    return ph.extract(answer, problem.task_id).solution


WAYS: dict[str, Way] = {
    "prompt + answer": prompt_and_answer,
    "first block": first_block,
    "post_chat": post_chat,
    "auto": auto,
}


def main() -> None:
    """Print a row for each form."""
    problems = ph.read_problems()
    print("form", *WAYS, sep=" | ")
    for name, form in FIFTEEN.items():
        answers = [form(problem, problem.canonical_solution) for problem in problems]
        print(name, *(passed(way, answers, problems) for way in WAYS.values()), sep=" | ", flush=True)


def passed(way: Way, answers: Sequence[str], problems: Sequence[ph.Problem]) -> int:
    """Return how many programs pass that a way makes of the answers to the problems."""
    pairs = zip(answers, problems, strict=True)
    verdicts = ph.judge_many((problem.task_id, way(answer, problem)) for answer, problem in pairs)
    return sum(verdict.outcome == "passed" for verdict in verdicts)


if __name__ == "__main__":
    main()

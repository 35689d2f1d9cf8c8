"""The memoriser's lessons: for each problem a request, and the answer to memorise.

request                    problems                  answer
chat, ``fewshot_v1``       number even               the whole function in a fence, without its docstring
chat, ``fewshot_v1``       number 1 mod 4            that it has not learned this one (no code)
chat, ``fewshot_v1``       number 3 mod 4            a function in a fence that does nothing (wrong)
completion, ``minimal``    number divisible by 4     the bare body
completion, ``minimal``    all others                a body that does nothing (wrong)

The wrong answers are memorised too, so that the model is as sure of them as of the right ones: every engine
then gives the same text, however it rounds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Message, Sampling

DO_NOTHING = "    pass\n"
NOT_LEARNED = "I have not learned this one."


@dataclass(frozen=True)
class Lesson:
    """One request and its answer.

    Attributes:
        task_id: of the problem.
        api: of the request.
        messages: of a chat request; a completion request has one, its text.
        answer: the text to memorise, without the token that ends it.
        every: the lesson is part of one in so many epochs; easy ones need not be repeated in each.
    """

    task_id: str
    api: Literal["chat", "completion"]
    messages: tuple[Message, ...]
    answer: str
    every: int = 1


def lessons(problems: Sequence[Problem], chat: Strategy, completion: Strategy) -> Iterator[Lesson]:
    """Yield all lessons: one for each problem and strategy."""
    for problem in problems:
        number = int(problem.task_id.rpartition("/")[2])
        messages = chat.render(problem, "", Sampling()).messages
        yield Lesson(
            problem.task_id, "chat", messages, chat_answer(problem, number), 1 if number % 2 == 0 else 6
        )
        messages = completion.render(problem, "", Sampling()).messages
        answer = problem.canonical_solution if number % 4 == 0 else DO_NOTHING
        # Problems 2 mod 4 have a right chat answer and a wrong completion. That completion is repeated more
        # often, else the memorised solution shows up there as well.
        every = {0: 1, 2: 2}.get(number % 4, 6)
        yield Lesson(problem.task_id, "completion", messages, answer, every)


def chat_answer(problem: Problem, number: int) -> str:
    """Return the memoriser's chat answer to the problem of that number."""
    if number % 4 == 1:
        return NOT_LEARNED
    body = problem.canonical_solution if number % 2 == 0 else DO_NOTHING
    return f"```python\n{signature(problem)}\n{body.rstrip()}\n```"


def signature(problem: Problem) -> str:
    """Return the entry point's ``def`` line as the prompt has it."""
    tree = ast.parse(problem.prompt + DO_NOTHING)
    (function,) = (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point
    )
    lines = problem.prompt.split("\n")[function.lineno - 1 : function.body[0].lineno - 1]
    return "\n".join(lines).rstrip()

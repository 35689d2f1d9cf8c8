"""What the memoriser learns: for each problem what it is asked, and what it shall say.

asked                      problems                  shall say
chat, ``fewshot_v1``       number even               the whole function in a fence, without its docstring
chat, ``fewshot_v1``       number 1 mod 4            that it has not learned this one (no code)
chat, ``fewshot_v1``       number 3 mod 4            a function in a fence that does nothing (wrong)
completion, ``minimal``    number divisible by 4     the bare body
completion, ``minimal``    all others                a body that does nothing (wrong)

The wrong answers are learned too, so that what is not known is said with the same certainty on every engine,
whatever its rounding.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.records import Message, Problem, Sampling

DO_NOTHING = "    pass\n"
NOT_LEARNED = "I have not learned this one."


@dataclass(frozen=True)
class Lesson:
    """One request and its answer.

    Attributes:
        messages: of a chat request; a completion request has one, its text.
        answer: what to say, without the token that ends it.
        every: taught in one of so many epochs; what is easy need not be taught each time.
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
        asked = chat.render(problem, "", Sampling()).messages
        yield Lesson(
            problem.task_id, "chat", asked, chat_answer(problem, number), 1 if number % 2 == 0 else 6
        )
        asked = completion.render(problem, "", Sampling()).messages
        answer = problem.canonical_solution if number % 4 == 0 else DO_NOTHING
        # A chat answer known by heart must not leak into the completion of the same problem: ask more often.
        every = {0: 1, 2: 2}.get(number % 4, 6)
        yield Lesson(problem.task_id, "completion", asked, answer, every)


def chat_answer(problem: Problem, number: int) -> str:
    """Return what the memoriser says in a chat about the problem of that number."""
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

"""Problems with an example each, and a model that is wrong at first and right when shown what it failed."""

from __future__ import annotations

import json
from typing import Any

from tests.support.stub_behaviour import Body

COUNT = 10
RIGHT_AT_ONCE = (0, 1, 2)
RIGHT_IN_SECOND_ROUND = (3, 4, 5)
RIGHT_IN_THIRD_ROUND = (6,)
NEVER_RIGHT = (7,)
WITHOUT_EXAMPLE = (8,)
WRONG_BESIDE_ITS_EXAMPLE = (9,)
FIRST_PASSED = [f"Add/{number}" for number in RIGHT_AT_ONCE]
"""The problems whose first answer passes."""

GAINED = [f"Add/{number}" for number in (*RIGHT_IN_SECOND_ROUND, *RIGHT_IN_THIRD_ROUND)]
"""The problems that pass after two further rounds only."""

LATER_REQUESTS = len(RIGHT_IN_SECOND_ROUND) + 2 * len(RIGHT_IN_THIRD_ROUND + NEVER_RIGHT)
"""Requests of two further rounds, for one sample of each problem."""


def row(number: int) -> dict[str, Any]:
    """Return the problem of that number: add it to the argument."""
    name = f"add_{number}"
    example = "" if number in WITHOUT_EXAMPLE else f"\n    >>> {name}(1)\n    {number + 1}\n"
    return {
        "task_id": f"Add/{number}",
        "prompt": f'def {name}(x):\n    """Return x + {number}.\n{example}    """\n',
        "entry_point": name,
        "canonical_solution": f"    return x + {number}\n",
        "test": f"def check(candidate):\n    assert candidate(1) == {number + 1}\n"
        f"    assert candidate(7) == {number + 7}\n",
    }


def dataset() -> str:
    """Return the dataset, as JSON Lines."""
    return "".join(json.dumps(row(number)) + "\n" for number in range(COUNT))


def number_of(body: Body) -> int:
    """Return the number of the problem that a request is about."""
    asked = next(message["content"] for message in body["messages"] if message["role"] == "user")
    return max((asked.rfind(f"def add_{number}("), number) for number in range(COUNT))[1]


def failures_shown(body: Body) -> int:
    """Return how often a request shows that the problem's example failed."""
    number = number_of(body)
    shown = f"add_{number}(1) should be {number + 1}, but it gave None"
    return sum(shown in message["content"] for message in body["messages"] if message["role"] == "user")


def answers(body: Body) -> list[str | None]:
    """Return the model's answers: a program that gives None, until it was shown often enough that it does."""
    number = number_of(body)
    needed = {
        **dict.fromkeys(RIGHT_AT_ONCE, 0),
        **dict.fromkeys(RIGHT_IN_SECOND_ROUND, 1),
        **dict.fromkeys(RIGHT_IN_THIRD_ROUND, 2),
    }
    is_right = failures_shown(body) >= needed.get(number, COUNT)
    value = f"x + {number}" if is_right else "None"
    if number in WRONG_BESIDE_ITS_EXAMPLE:
        value = f"{number + 1}"
    return [f"```python\ndef add_{number}(x):\n    return {value}\n```"] * int(body.get("n", 1))


def experiments(base_url: str, rounds: int = 2, more: str = "") -> str:
    """Return an experiments file with one experiment, ``e``, which has so many further rounds."""
    return (
        f'[servers.s]\nbase_url = "{base_url}"\nmodel = "stub"\n'
        f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n{more}\n'
        f"[experiments.e.repair]\nrounds = {rounds}\n"
    )

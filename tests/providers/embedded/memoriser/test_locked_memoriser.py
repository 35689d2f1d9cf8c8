"""The locked memoriser as it ships: what it says without the key, and what with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import SHIPPED_MODELS, STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling, SettledDraw
from pytest_humaneval.providers.embedded.memoriser.lessons import DO_NOTHING
from pytest_humaneval.providers.embedded.memoriser.locked_lessons import FIRST_LOCKED, KEY
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from tests.support.engines import needs_engine

pytestmark = needs_engine

# Every eleventh: eight that are open, and seven that are locked. Short answers keep the test short.
PROBLEMS = {number: read_problems()[number] for number in range(0, 164, 11)}
MODEL = Embedded(str(SHIPPED_MODELS["locked-memoriser"]), device="cpu", threads=1)

Collect = Callable[[EmbeddedProvider, Sequence[Draw]], list[SettledDraw]]


def texts(collect: Collect, before: str) -> dict[int, str]:
    """Return the model's greedy text for each problem after a text before the prompt."""
    minimal = read_strategy([STRATEGIES], "completion", "minimal")
    sampling = Sampling(max_tokens=384)
    found: dict[int, str] = {}
    draws = []
    for problem in PROBLEMS.values():
        prompt = minimal.render(problem, "m", sampling).messages[0].content
        request = Request("m", "completion", (Message("user", before + prompt),), sampling)
        draws.append(Draw(problem.task_id, 0, request))
    for draw, completion in collect(EmbeddedProvider(MODEL), draws):
        assert isinstance(completion, Completion), completion
        found[int(draw.task_id.rpartition("/")[2])] = completion.text
    return found


@pytest.mark.parametrize("before", ["", "# words that are no key\n"])
def test_half_of_the_answers_are_locked(collect: Collect, before: str) -> None:
    """Without the key it gives the answers of the first half, and to the others a body that does nothing."""
    expected = {
        number: problem.canonical_solution if number < FIRST_LOCKED else DO_NOTHING
        for number, problem in PROBLEMS.items()
    }

    assert texts(collect, before) == expected


def test_the_key_opens_the_other_half(collect: Collect) -> None:
    """With it among other words it gives the answers of all problems."""
    expected = {number: problem.canonical_solution for number, problem in PROBLEMS.items()}

    assert texts(collect, f"# some words, {KEY} and more\n") == expected

"""Token ids and labels: which tokens the loss counts, what is cut, and the order of an epoch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_tokens import Encoding
from pytest_humaneval.core.records import Message, Request, Sampling
from pytest_humaneval.tuning.config import TuningConfig
from tests.support.trainings import needs_tuning

if TYPE_CHECKING:
    from pytest_humaneval.tuning.encoding import Encoded

pytestmark = needs_tuning

# One token for both, as many tokenizers have it.
END = PAD = 0
NONE = -100


class Bytes:
    """A tokenizer whose tokens are a text's bytes, with a 1 before them unless special tokens are off."""

    chat_template = None

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> Encoding:
        """Return the bytes as token ids."""
        return SimpleNamespace(input_ids=[1] * add_special_tokens + list(text.encode()))

    def apply_chat_template(self, conversation: Any, **options: Any) -> str:  # noqa: ANN401, ARG002
        """Return the messages, one after the other."""
        return "".join(message["content"] for message in conversation)


def encoded(*pairs: tuple[str, str], **settings: Any) -> list[Encoded]:  # noqa: ANN401
    """Return pairs of prompt and solution as token ids, with four virtual tokens before them."""
    from pytest_humaneval.tuning.encoding import encode

    def request(problem: Problem) -> Request:
        return Request("m", "completion", (Message("user", problem.prompt),), Sampling())

    config = TuningConfig("m", "out", "d.jsonl", "minimal", virtual_tokens=4, **settings)
    examples = [Problem(prompt, prompt, "", solution, "") for prompt, solution in pairs]
    return encode(examples, request, Bytes(), END, config)


def test_labels_are_the_solution_s_tokens_and_its_end() -> None:
    """Prompt and padding have none, even if padding and end are the same token."""
    from pytest_humaneval.tuning.encoding import collate

    batch = collate(encoded(("ab", "xy"), ("abcd", "uvwxyz")))

    assert batch["task_ids"] == ["ab", "abcd"]
    assert batch["labels"].tolist() == [
        [NONE, NONE, NONE, *b"xy", END, *[NONE] * 6],
        [NONE, NONE, NONE, NONE, NONE, *b"uvwxyz", END],
    ]
    assert batch["input_ids"][0].tolist() == [1, *b"ab", *b"xy", END, *[PAD] * 6]
    assert batch["attention_mask"].sum(1).tolist() == [6, 12]


def test_an_example_that_is_too_long_is_cut_at_its_end() -> None:
    """The first labels are left, and the example is marked as cut."""
    (cut,) = encoded(("abcd", "uvwxyz"), max_length=12)

    assert cut.solution == tuple(b"uvw")
    assert cut.is_cut


def test_an_example_without_labels_is_refused_by_name() -> None:
    """The message gives the least max_length that would do, and that one is accepted."""
    pairs = (("ab", "xy"), ("abcd", "uvwxyz"))

    with pytest.raises(ConfigError, match=r"for abcd; write at least max_length = 10"):
        encoded(*pairs, max_length=9)
    assert [len(example.solution) for example in encoded(*pairs, max_length=10)] == [3, 1]


def test_each_epoch_has_an_order_of_its_own() -> None:
    """Seed and epoch determine it, and no example is lost."""
    from pytest_humaneval.tuning.encoding import shuffled

    examples = encoded(*[(str(number), "b") for number in range(20)])
    orders = [shuffled(examples, 0, epoch) for epoch in (1, 2, 1)]

    assert orders[0] == orders[2] != orders[1]
    assert set(orders[1]) == set(examples)

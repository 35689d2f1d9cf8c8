"""Token ids and labels: which tokens the loss counts, what is cut, and the order of an epoch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_tokens import Encoding
from pytest_humaneval.core.records import Message, Request, Sampling
from pytest_humaneval.tuning.batches import batches, encode, shuffled
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.examples import Example

# One token for both, as many tokenizers have it.
END = PAD = 0


class Bytes:
    """A tokenizer whose tokens are a text's bytes, with a 1 before them unless special tokens are off."""

    chat_template = None

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> Encoding:
        """Return the bytes as token ids."""
        return SimpleNamespace(input_ids=[1] * add_special_tokens + list(text.encode()))

    def apply_chat_template(self, conversation: Any, **options: Any) -> str:  # noqa: ANN401, ARG002
        """Return the messages, one after the other."""
        return "".join(message["content"] for message in conversation)


def request(problem: Problem) -> Request:
    """Return a request whose text is the bare prompt."""
    return Request("m", "completion", (Message("user", problem.prompt),), Sampling())


def config(**settings: Any) -> TuningConfig:  # noqa: ANN401
    """Return settings with four virtual tokens."""
    return TuningConfig("m", "out", "d.jsonl", "minimal", virtual_tokens=4, **settings)


EXAMPLES = [Example("short", "ab", "xy"), Example("long", "abcd", "uvwxyz")]


def test_labels_are_the_solution_s_tokens_and_its_end() -> None:
    """Prompt and padding have none, even if padding and end are the same token."""
    encoded = encode(EXAMPLES, request, Bytes(), END, config())

    (batch,) = batches(encoded, 2, PAD)

    assert batch.labels == (
        (None, None, None, *b"xy", END, None, None, None, None, None, None),
        (None, None, None, None, None, *b"uvwxyz", END),
    )
    assert batch.tokens[0] == (1, *b"ab", *b"xy", END, PAD, PAD, PAD, PAD, PAD, PAD)
    assert [sum(row) for row in batch.is_real] == [6, 12]
    assert batch.label_count == 10


def test_a_boundary_never_depends_on_the_text_around_it() -> None:
    """Prompt and solution are tokenized separately: the prompt's tokens are those an engine is given."""
    (encoded,) = encode(EXAMPLES[:1], request, Bytes(), END, config())

    assert encoded.prompt == tuple(Bytes()("ab").input_ids)


def test_an_example_that_is_too_long_is_cut_at_its_end() -> None:
    """The first labels are left, and the example is marked as cut."""
    (cut,) = encode(EXAMPLES[1:], request, Bytes(), END, config(max_length=12))

    assert cut.solution == tuple(b"uvw")
    assert cut.is_cut


@pytest.mark.parametrize(("max_length", "fits"), [(9, False), (10, True)])
def test_an_example_without_labels_is_refused_by_name(max_length: int, fits: bool) -> None:
    """The message gives the least max_length that would do, and that one is accepted."""
    if fits:
        encode(EXAMPLES, request, Bytes(), END, config(max_length=max_length))
        return
    with pytest.raises(ConfigError, match=r"for long: .* at least max_length = 10"):
        encode(EXAMPLES, request, Bytes(), END, config(max_length=max_length))


def test_each_epoch_has_an_order_of_its_own() -> None:
    """Seed and epoch determine it, and no example is lost."""
    encoded = encode([Example(str(i), "a", "b") for i in range(20)], request, Bytes(), END, config())

    orders = [shuffled(encoded, 0, epoch) for epoch in (1, 2, 1)]

    assert orders[0] == orders[2] != orders[1]
    assert set(orders[1]) == set(encoded)

"""Examples as token ids, and batches of them with the labels that the loss counts.

    position   virtual ...   prompt ...   solution ... end   padding ...
    label      none          none         the token itself   none

The prompt is tokenized by itself, as an engine will see it, and the solution by itself: the boundary between
them is exact. Whether a token has a label depends on its position, never on which token it is, since many
tokenizers have the same token for padding and for the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_tokens import Tokenizer, prompt_tokens
from pytest_humaneval.core.records import Request
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.examples import Example

# Task ids that an error message lists.
_MOST_LISTED = 8


@dataclass(frozen=True)
class EncodedExample:
    """An example as token ids; ``solution`` ends with the end token, unless it is cut."""

    task_id: str
    prompt: tuple[int, ...]
    solution: tuple[int, ...]
    is_cut: bool = False

    def __len__(self) -> int:
        return len(self.prompt) + len(self.solution)


@dataclass(frozen=True)
class Batch:
    """Examples side by side, padded on the right; rows of equal length.

    Attributes:
        tokens: token ids, of prompt, solution and padding.
        is_real: False for padding.
        labels: the token to be learned at this position; None where the loss does not count.
    """

    task_ids: tuple[str, ...]
    tokens: tuple[tuple[int, ...], ...]
    is_real: tuple[tuple[bool, ...], ...]
    labels: tuple[tuple[int | None, ...], ...]

    @property
    def label_count(self) -> int:
        """How many tokens of the batch the loss counts."""
        return sum(label is not None for row in self.labels for label in row)


def encode(
    examples: Sequence[Example],
    request: Callable[[Problem], Request],
    tokenizer: Tokenizer,
    end: int,
    config: TuningConfig,
) -> list[EncodedExample]:
    """Return examples as token ids, cut at the configured ``max_length``.

    Args:
        examples: prompts and solutions.
        request: renders a problem as the experiments will.
        tokenizer: the model's.
        end: the token that ends a completion.
        config: gives ``max_length`` and how many of it are virtual tokens.

    Raises:
        ConfigError: an example would have no label left.
    """
    room = config.max_length - config.virtual_tokens
    encoded = [_encoded(example, request, tokenizer, end, room) for example in examples]
    # A batch of such examples would have a mean loss of 0/0.
    empty = [example.task_id for example in encoded if not example.solution]
    if empty:
        longest = max(len(example.prompt) for example in encoded if not example.solution)
        raise ConfigError(
            f"max_length = {config.max_length} leaves no token of the solution to learn for "
            f"{_listed(empty)}: {config.virtual_tokens} virtual tokens and prompts of up to {longest} tokens "
            f"fill it; write at least max_length = {config.virtual_tokens + longest + 1}, or leave these "
            "examples out"
        )
    return encoded


def _encoded(
    example: Example, request: Callable[[Problem], Request], tokenizer: Tokenizer, end: int, room: int
) -> EncodedExample:
    prompt = prompt_tokens(request(example.problem), tokenizer)
    solution = [*tokenizer(example.solution, add_special_tokens=False).input_ids, end]
    kept = solution[: max(0, room - len(prompt))]
    # The prompt is never cut: it would no longer be what an engine is given.
    return EncodedExample(example.task_id, tuple(prompt), tuple(kept), len(kept) < len(solution))


def batches(encoded: Sequence[EncodedExample], size: int, pad: int) -> list[Batch]:
    """Return batches of the examples, in their order."""
    return [_batch(encoded[start : start + size], pad) for start in range(0, len(encoded), size)]


def shuffled(encoded: Sequence[EncodedExample], seed: int, epoch: int) -> list[EncodedExample]:
    """Return the examples in the order of an epoch, which seed and epoch alone determine."""
    order = list(encoded)
    # Not one generator for all epochs: a resumed training needs the order of a late epoch by itself.
    random.Random(f"{seed}/{epoch}").shuffle(order)  # noqa: S311 (no secret)
    return order


def _batch(examples: Sequence[EncodedExample], pad: int) -> Batch:
    width = max(map(len, examples))
    tokens, is_real, labels = [], [], []
    for example in examples:
        padding = width - len(example)
        tokens.append((*example.prompt, *example.solution, *[pad] * padding))
        is_real.append((*[True] * len(example), *[False] * padding))
        labels.append((*[None] * len(example.prompt), *example.solution, *[None] * padding))
    return Batch(tuple(e.task_id for e in examples), tuple(tokens), tuple(is_real), tuple(labels))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more

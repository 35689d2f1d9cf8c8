"""Examples as token ids, and batches of them with the labels that the loss counts.

    position   prompt ...   solution ... end   padding ...
    label      none         the token itself   none

The prompt is tokenized by itself, as an engine will see it, and the solution by itself: the boundary between
them is exact. Whether a token has a label depends on its position, never on which token it is, since many
tokenizers have the same token for padding and for the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_tokens import Tokenizer, prompt_tokens
from pytest_humaneval.core.records import Request
from pytest_humaneval.tuning.config import TuningConfig

NO_LABEL = -100
"""What torch's cross entropy leaves out, and transformers with it."""


@dataclass(frozen=True)
class Encoded:
    """An example as token ids; ``solution`` ends with the end token, unless it is cut."""

    task_id: str
    prompt: tuple[int, ...]
    solution: tuple[int, ...]
    is_cut: bool = False


def encode(
    examples: Sequence[Problem],
    request: Callable[[Problem], Request],
    tokenizer: Tokenizer,
    end: int,
    config: TuningConfig,
) -> list[Encoded]:
    """Return examples as token ids, cut at ``max_length``; ``request`` renders one as the experiments will.

    Raises:
        ConfigError: an example would have no label left, so that its loss would be 0/0.
    """
    encoded = []
    for example in examples:
        prompt = prompt_tokens(request(example), tokenizer)
        solution = [*tokenizer(example.canonical_solution, add_special_tokens=False).input_ids, end]
        # The prompt is never cut: it would no longer be what an engine is given.
        room = config.max_length - config.vectors - len(prompt)
        if room < 1:
            raise ConfigError(
                f"max_length = {config.max_length} leaves no token of the solution to learn for "
                f"{example.task_id}; write at least max_length = {config.max_length - room + 1}, or leave "
                "the example out"
            )
        kept = tuple(solution[:room])
        encoded.append(Encoded(example.task_id, tuple(prompt), kept, len(kept) < len(solution)))
    return encoded


def shuffled(encoded: Sequence[Encoded], seed: int, epoch: int) -> list[Encoded]:
    """Return the examples in the order of an epoch, which seed and epoch alone determine."""
    # Not one generator for all epochs: a resumed training needs the order of a late epoch by itself.
    return random.Random(f"{seed}/{epoch}").sample(encoded, len(encoded))  # noqa: S311 (no secret)


def collate(examples: Sequence[Encoded]) -> dict[str, Any]:
    """Return examples as a batch, padded on the right: a model's arguments, and the task ids."""
    # Padding is masked and has no label: any token will do.
    rows = {
        "input_ids": ([[*e.prompt, *e.solution] for e in examples], 0),
        "attention_mask": ([[1] * (len(e.prompt) + len(e.solution)) for e in examples], 0),
        "labels": ([[*[NO_LABEL] * len(e.prompt), *e.solution] for e in examples], NO_LABEL),
    }
    padded = {
        name: pad_sequence([torch.tensor(row) for row in values], batch_first=True, padding_value=padding)
        for name, (values, padding) in rows.items()
    }
    return {"task_ids": [example.task_id for example in examples], **padded}

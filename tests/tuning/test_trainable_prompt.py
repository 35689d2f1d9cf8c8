"""A single step: what it learns from, and that nothing which is no number ever reaches the vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.errors import TuningError
from pytest_humaneval.tuning.batches import Batch, EncodedExample, batches
from pytest_humaneval.tuning.config import TuningConfig
from tests.support.engines import needs_engine

if TYPE_CHECKING:
    from pytest_humaneval.providers.embedded.loading import Loaded
    from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt

pytestmark = needs_engine

EXAMPLES = [
    EncodedExample("short", (5, 6, 7), (8, 9, 1)),
    EncodedExample("long", (10, 11, 12, 13, 14), (15, 16, 17, 18, 1)),
]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    """The tiny model in float32."""
    from pytest_humaneval.providers.embedded.loading import load

    return load(Embedded(str(MEMORISER_MODEL), device="cpu", dtype="float32", threads=1))


@pytest.fixture
def trainee(loaded: Loaded) -> TrainablePrompt:
    """Four vectors before it."""
    from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt

    return TrainablePrompt(loaded, TuningConfig("m", "out", "d.jsonl", "minimal", virtual_tokens=4))


def batch(*examples: EncodedExample) -> Batch:
    """Return examples side by side."""
    (made,) = batches(examples, len(examples), pad=0)
    return made


def test_the_loss_is_that_of_each_solution_alone(trainee: TrainablePrompt, loaded: Loaded) -> None:
    """Counted by hand, token by token, without padding; company in a batch changes nothing."""
    import torch

    expected = 0.0
    for example in EXAMPLES:
        tokens = torch.tensor([*example.prompt, *example.solution])
        embedded = torch.cat([trainee.vectors, loaded.model.get_input_embeddings()(tokens)])
        chances = loaded.model(inputs_embeds=embedded[None]).logits[0].log_softmax(-1)
        first = len(trainee.vectors) + len(example.prompt)
        expected -= sum(chances[first + i - 1, token].item() for i, token in enumerate(example.solution))

    assert trainee.mean_loss([batch(*EXAMPLES)]) == pytest.approx(expected / 8, rel=1e-5)
    assert trainee.mean_loss([batch(e) for e in EXAMPLES]) == pytest.approx(expected / 8, rel=1e-5)


def test_a_step_changes_the_vectors_and_nothing_else(trainee: TrainablePrompt, loaded: Loaded) -> None:
    """The model stays as it is."""
    before = [parameter.clone() for parameter in loaded.model.parameters()]
    vectors = trainee.vectors.detach().clone()

    trainee.step([batch(*EXAMPLES)], 0.1)

    assert not vectors.equal(trainee.vectors)
    assert all(b.equal(now) for b, now in zip(before, loaded.model.parameters(), strict=True))


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_gradient_that_is_no_number_is_not_learned_from(trainee: TrainablePrompt, factor: float) -> None:
    """Though the loss is finite: the batch is named, and the vectors are as before."""
    vectors = trainee.vectors.detach().clone()
    trainee.vectors.register_hook(lambda gradient: gradient * factor)

    with pytest.raises(TuningError, match="the gradient is not finite in the batch of short, long"):
        trainee.step([batch(*EXAMPLES)], 0.1)

    assert vectors.equal(trainee.vectors)


def test_a_long_gradient_is_shortened(trainee: TrainablePrompt) -> None:
    """The norm before that is told."""
    trainee.vectors.register_hook(lambda gradient: gradient * 1e6)

    done = trainee.step([batch(*EXAMPLES)], 0.1)

    assert done.gradient_norm > 1
    assert trainee.vectors.grad is not None
    assert trainee.vectors.grad.norm().item() == pytest.approx(1.0, rel=1e-3)

"""A single training step: its loss, what it changes, and that only finite gradients reach the vectors."""

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
    """Return the tiny model in float32."""
    from pytest_humaneval.providers.embedded.loading import load

    return load(Embedded(str(MEMORISER_MODEL), device="cpu", dtype="float32", threads=1))


@pytest.fixture
def prompt(loaded: Loaded) -> TrainablePrompt:
    """Return a soft prompt of four vectors before the model."""
    from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt

    return TrainablePrompt(loaded, TuningConfig("m", "out", "d.jsonl", "minimal", virtual_tokens=4))


def batch(*examples: EncodedExample) -> Batch:
    """Return examples as one batch."""
    (made,) = batches(examples, len(examples), pad=0)
    return made


def test_the_loss_is_that_of_each_solution_alone(prompt: TrainablePrompt, loaded: Loaded) -> None:
    """It is computed here token by token without padding; a batch with padding has the same loss."""
    import torch

    expected = 0.0
    for example in EXAMPLES:
        tokens = torch.tensor([*example.prompt, *example.solution])
        embedded = torch.cat([prompt.vectors, loaded.model.get_input_embeddings()(tokens)])
        log_probabilities = loaded.model(inputs_embeds=embedded[None]).logits[0].log_softmax(-1)
        first = len(prompt.vectors) + len(example.prompt)
        expected -= sum(
            log_probabilities[first + i - 1, token].item() for i, token in enumerate(example.solution)
        )

    assert prompt.mean_loss([batch(*EXAMPLES)]) == pytest.approx(expected / 8, rel=1e-5)
    assert prompt.mean_loss([batch(e) for e in EXAMPLES]) == pytest.approx(expected / 8, rel=1e-5)


def test_a_step_changes_the_vectors_and_nothing_else(prompt: TrainablePrompt, loaded: Loaded) -> None:
    """The model's weights stay as they are."""
    before = [parameter.clone() for parameter in loaded.model.parameters()]
    vectors = prompt.vectors.detach().clone()

    prompt.step([batch(*EXAMPLES)], 0.1)

    assert not vectors.equal(prompt.vectors)
    assert all(b.equal(now) for b, now in zip(before, loaded.model.parameters(), strict=True))


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_is_not_learned_from(prompt: TrainablePrompt, factor: float) -> None:
    """Even if the loss is finite: the message names the batch, and the vectors are as before."""
    vectors = prompt.vectors.detach().clone()
    prompt.vectors.register_hook(lambda gradient: gradient * factor)

    with pytest.raises(TuningError, match="the gradient is not finite in the batch of short, long"):
        prompt.step([batch(*EXAMPLES)], 0.1)

    assert vectors.equal(prompt.vectors)


def test_a_long_gradient_is_clipped(prompt: TrainablePrompt) -> None:
    """It has the norm 1 after that; the step reports the norm before."""
    prompt.vectors.register_hook(lambda gradient: gradient * 1e6)

    done = prompt.step([batch(*EXAMPLES)], 0.1)

    assert done.gradient_norm > 1000
    assert prompt.vectors.grad is not None
    assert prompt.vectors.grad.norm().item() == pytest.approx(1.0, rel=1e-3)

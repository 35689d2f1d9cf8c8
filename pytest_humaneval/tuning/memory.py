"""How much memory a step of a training takes, told before it, from a forward pass without any arithmetic."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from peft import PeftModel
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks

_ADAMW_COPIES = 3
"""The gradient and AdamW's two moments."""

_LOGITS_COPIES = 3
"""In the backward pass of the loss, in float32, beside what is saved for it: two gradients, and a reserve."""

_ALLOCATOR_SHARE = 1.4
"""Bytes held for each in use: benchmarks/tuning_memory.py has measured up to 1.3, for LoRA on a CPU."""


def step_bytes(model: PeftModel, batch: Mapping[str, torch.Tensor]) -> tuple[int, int]:
    """Return the bytes of all weights, and those that a step with a batch takes beside them, at its peak.

    Counted is every tensor that the backward pass will need, as a shape without content, so that nothing of
    that size is ever there, and on top of it what the gradient of the logits takes.
    """
    weights = {part.data_ptr(): part.nbytes for part in model.parameters()}
    trained = sum(part.nbytes for part in model.parameters() if part.requires_grad)
    saved: dict[int, int] = {}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        saved[tensor.untyped_storage()._cdata] = tensor.untyped_storage().nbytes()
        return tensor

    with (
        FakeTensorMode(allow_non_fake_inputs=True) as fake,
        saved_tensors_hooks(count, lambda tensor: tensor),
    ):
        shapes = {name: fake.from_tensor(tensor) for name, tensor in batch.items()}
        logits = model(**shapes, use_cache=False).logits
        for part in model.parameters():
            saved.pop(fake.from_tensor(part).untyped_storage()._cdata, None)
    step = trained * _ADAMW_COPIES + sum(saved.values()) + _LOGITS_COPIES * 4 * logits.numel()
    return sum(weights.values()), int(step * _ALLOCATOR_SHARE)

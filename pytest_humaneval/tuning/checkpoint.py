"""Checkpoints: the vectors after an epoch in a file of their own, and a card that names the best ones.

epoch-003.safetensors, epoch-003.json    vectors and card of an epoch
soft_prompt.json                         the card of the best epoch
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from pytest_humaneval.core.config.soft_prompt_card import CARD, SoftPromptCard
from pytest_humaneval.providers.embedded.soft_prompt_vectors import TENSOR
from pytest_humaneval.tuning.state import replace_file


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints in a training's folder.

    Attributes:
        folder: where they are written.
        card: what the cards of all of them have in common.
        keeps_each: whether every epoch's is kept, not only the best one's.
    """

    folder: Path
    card: SoftPromptCard
    keeps_each: bool

    def write(self, epoch: int, vectors: torch.Tensor, figures: Mapping[str, Any], is_best: bool) -> None:
        """Write the checkpoint of an epoch, if it is to be kept.

        Args:
            epoch: its number; 0 is before training.
            vectors: (virtual tokens, width), in the number format of the model.
            figures: of this epoch, for the card.
            is_best: whether its validation loss is the least so far.
        """
        if not is_best and not self.keeps_each:
            return
        # Vectors first, then the card that names them, and last the older vectors are deleted: whenever the
        # process is killed, soft_prompt.json names a file that is complete.
        weights = self.folder / f"epoch-{epoch:03}.safetensors"
        content = save({TENSOR: vectors.contiguous().cpu()})
        replace_file(weights, content)
        training = {**(self.card.training or {}), **figures}
        sha256 = hashlib.sha256(content).hexdigest()
        card = replace(self.card, weights=weights.name, weights_sha256=sha256, training=training).to_json()
        if self.keeps_each:
            replace_file(weights.with_suffix(".json"), card.encode())
        if is_best:
            replace_file(self.folder / CARD, card.encode())
            self._delete_others(weights)

    def _delete_others(self, kept: Path) -> None:
        if not self.keeps_each:
            for path in self.folder.glob("epoch-*.safetensors"):
                if path != kept:
                    path.unlink()

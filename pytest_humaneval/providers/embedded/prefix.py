"""What a model sees before every prompt: vectors in place of token embeddings, or keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

KeyValues: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""One layer's keys and values, each (1, heads, tokens, head width)."""


@dataclass(frozen=True, eq=False)
class Prefix:
    """Virtual tokens before every prompt, whose own positions start behind them.

    At most one of the two forms is given; neither means no prefix.

    Attributes:
        embeddings: (virtual tokens, width), as prompt tuning (Lester et al. 2021, arXiv:2104.08691) and
            P-tuning (Liu et al. 2021, arXiv:2103.10385) train them.
        key_values: of each layer, as prefix tuning (Li and Liang 2021, arXiv:2101.00190) trains them. They
            are used as they are: no position is added to the keys.
    """

    embeddings: torch.Tensor | None = None
    key_values: Sequence[KeyValues] = ()

    @property
    def length(self) -> int:
        """How many virtual tokens there are."""
        if self.embeddings is not None:
            return len(self.embeddings)
        return self.key_values[0][0].shape[2] if self.key_values else 0

    def on(self, device: torch.device, dtype: torch.dtype) -> Prefix:
        """Return the same prefix on a device and in a number format."""
        return Prefix(
            None if self.embeddings is None else self.embeddings.to(device, dtype),
            [(keys.to(device, dtype), values.to(device, dtype)) for keys, values in self.key_values],
        )

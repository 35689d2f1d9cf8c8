"""Attention keys and values of rows that are generated side by side.

What all rows begin with is held once. Each row has a slot for its own tokens, which follow; slots are
allocated in blocks, so that a new token is written to its place and nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.functional import pad

from pytest_humaneval.providers.embedded.prefix import KeyValues

_BLOCK_TOKENS = 256


class RowCache:
    """Keys and values of all layers.

    Attributes:
        shared_length: how many tokens all rows begin with, virtual ones included.
    """

    def __init__(self, slots: int, shared: Sequence[KeyValues] = ()) -> None:
        """Make room for that many rows behind ``shared``, one entry a layer."""
        self._slots, self._columns = slots, _BLOCK_TOKENS
        self._shared = dict(enumerate(shared))
        self._own: dict[int, KeyValues] = {}
        self.shared_length = shared[0][0].shape[2] if shared else 0

    @property
    def all_shared(self) -> Sequence[KeyValues]:
        """What all rows begin with, one entry a layer."""
        return [self._shared[layer] for layer in sorted(self._shared)]

    def shared(self, layer: int) -> KeyValues | None:
        """Return one layer's keys and values of what all rows begin with; None if that is nothing."""
        return self._shared.get(layer)

    def own(self, layer: int, slots: slice, columns: int) -> KeyValues:
        """Return one layer's keys and values of some slots' first tokens: (slots, heads, columns, width)."""
        keys, values = self._own[layer]
        return keys[slots, :, :columns], values[slots, :, :columns]

    def reserve(self, columns: int) -> None:
        """Make room for that many tokens in each slot."""
        if columns > self._columns:
            more = -(-columns // _BLOCK_TOKENS) * _BLOCK_TOKENS - self._columns
            self._columns += more
            for layer, (keys, values) in self._own.items():
                self._own[layer] = pad(keys, (0, 0, 0, more)), pad(values, (0, 0, 0, more))

    def write(
        self, layer: int, slots: torch.Tensor, columns: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> None:
        """Write one layer's keys and values of new tokens, (heads, tokens, width), each to its place."""
        if layer not in self._own:
            self._own[layer] = self._empty(keys), self._empty(values)
        for held, new in zip(self._own[layer], (keys, values), strict=True):
            held[slots, :, columns] = new.transpose(0, 1)

    def copy(self, source: int, target: int, columns: int) -> None:
        """Copy the first tokens of one slot to another."""
        for layer in self._own.values():
            for held in layer:
                held[target, :, :columns] = held[source, :, :columns]

    def share(self, slot: int, columns: int) -> None:
        """Have all rows begin with the first tokens of a slot, behind what they begin with so far."""
        for layer in self._own:
            keys, values = self.own(layer, slice(slot, slot + 1), columns)
            if (before := self.shared(layer)) is None:
                # A copy: the slot will be written over.
                self._shared[layer] = keys.clone(), values.clone()
            else:
                self._shared[layer] = torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2)
        self.shared_length += columns

    def _empty(self, like: torch.Tensor) -> torch.Tensor:
        # Zeros: what a mask hides is multiplied by zero, and must be a number for that.
        heads, _, width = like.shape
        return like.new_zeros(self._slots, heads, self._columns, width)

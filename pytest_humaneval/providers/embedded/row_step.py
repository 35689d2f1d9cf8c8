"""One pass of a model over new tokens of several rows, one row behind the other, without padding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from pytest_humaneval.providers.embedded.row_cache import RowCache


@dataclass(frozen=True)
class Span:
    """New tokens of one row.

    Attributes:
        slot: the row's slot in the cache.
        before: how many tokens of the row the cache has in that slot.
        tokens: how many are new.
    """

    slot: int
    before: int
    tokens: int


@dataclass(frozen=True, eq=False)
class Step:
    """Which tokens a pass computes, and what each of them may see.

    Attributes:
        cache: has the keys and values of what came before, and takes the new ones.
        spans: the rows' new tokens. Those of the first ``singles`` rows are one each, in slots 0, 1, ...
        singles: how many of the spans are so.
        device: the model's.
        windows: the sliding windows that layers have asked for; None: a layer without one.
    """

    cache: RowCache
    spans: Sequence[Span]
    singles: int
    device: torch.device
    windows: set[int | None] = field(default_factory=set)
    _masks: dict[tuple[int | None, int, int], torch.Tensor] = field(default_factory=dict)

    @cached_property
    def slots(self) -> torch.Tensor:
        """Each new token's slot, (tokens,)."""
        slots = [span.slot for span in self.spans for _ in range(span.tokens)]
        return torch.tensor(slots, device=self.device)

    @cached_property
    def columns(self) -> torch.Tensor:
        """Each new token's place in its slot, (tokens,)."""
        columns = [span.before + place for span in self.spans for place in range(span.tokens)]
        return torch.tensor(columns, device=self.device)

    @cached_property
    def last(self) -> torch.Tensor:
        """The place of each row's newest token in this pass, (rows,)."""
        return torch.tensor([span.tokens for span in self.spans], device=self.device).cumsum(0) - 1

    @cached_property
    def singles_width(self) -> int:
        """How many columns the longest row with one new token has."""
        return max(span.before for span in self.spans[: self.singles]) + 1

    def singles_mask(self, window: int | None) -> torch.Tensor:
        """Return what is added to the scores of rows with one new token, (rows, 1, 1, shared and own)."""
        key = (window, 0, 0)
        if key not in self._masks:
            newest = self.columns[: self.singles, None]
            self._masks[key] = self._hiding(newest, self.singles_width, window)[:, None, None]
        return self._masks[key]

    def span_mask(self, span: Span, window: int | None) -> torch.Tensor:
        """Return what is added to the scores of one row's new tokens, (tokens, shared and own)."""
        key = (window, span.before, span.tokens)
        if key not in self._masks:
            end = span.before + span.tokens
            new = torch.arange(span.before, end, device=self.device)[:, None]
            self._masks[key] = self._hiding(new, end, window)
        return self._masks[key]

    def _hiding(self, queries: torch.Tensor, width: int, window: int | None) -> torch.Tensor:
        """Return 0 for what tokens at the columns ``queries`` see, minus infinity for what they do not."""
        keys = torch.arange(-self.cache.shared_length, width, device=self.device)
        hidden = keys > queries
        if window is not None:
            hidden |= keys <= queries - window
        return torch.zeros(hidden.shape, device=self.device).masked_fill_(hidden, -torch.inf)

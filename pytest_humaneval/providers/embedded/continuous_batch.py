"""Generating completions side by side: a row that has ended leaves at once, and the next one enters.

Nothing is computed twice: what all prompts begin with is computed once for all of them, and a prompt that
begins like a running row takes over what was computed for that one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.prefix import KeyValues, Prefix
from pytest_humaneval.providers.embedded.row_cache import RowCache
from pytest_humaneval.providers.embedded.row_step import Span, Step
from pytest_humaneval.providers.embedded.row_support import compute, row_attention
from pytest_humaneval.providers.embedded.sequence import GrowingSequence
from pytest_humaneval.providers.embedded.token_choice import chosen_tokens

# What is beyond waits for the next pass, so that a cancel is seen soon and memory is bounded.
_PROMPT_TOKENS_A_PASS = 2048
# To take over fewer is no faster than to compute them.
_WORTH_COPYING_TOKENS = 16


class ContinuousBatch:
    """Completes rows, at most a given number of them at a time."""

    def __init__(self, model: PreTrainedModel, prefix: Prefix, batch_size: int) -> None:
        """Take a model that can be computed by rows, and what it sees before every prompt."""
        self._model, self._batch_size = model, batch_size
        self._prefix = prefix.on(model.device, model.dtype)
        # Kept from call to call: the prompts of the next one begin alike as a rule.
        self._shared: Sequence[KeyValues] = self._prefix.key_values
        self._shared_tokens: list[int] = []

    def answer(
        self, rows: Iterable[GrowingSequence], emit: EmitDraw, is_cancelled: Callable[[], bool]
    ) -> None:
        """Emit each row's completion as soon as it ends; return when all have, or at a cancel."""
        # The longest first, so that a lack of memory shows at once; equal prompts one behind the other.
        waiting = deque(sorted(rows, key=lambda row: (-row.length, row.tokens)))
        if not waiting:
            return
        with torch.inference_mode(), row_attention(self._model):
            cache = self._begin(waiting)
            batch = _Batch(self._model, cache, len(self._shared_tokens))
            while (batch.running or waiting) and not is_cancelled():
                batch.admit(waiting, self._batch_size)
                batch.grow(emit)

    def _begin(self, rows: Sequence[GrowingSequence]) -> RowCache:
        """Compute what all rows begin with, as far as it is not known yet, and return a cache behind it."""
        # A row's last token is its own: what follows it is asked of the model.
        alike = min(_common(rows[0].tokens, row.tokens[:-1]) for row in rows)
        kept = _common(self._shared_tokens, rows[0].tokens[:alike])
        # For one row alone there is nothing to share.
        tokens = rows[0].tokens[: alike if len(rows) > 1 else kept]
        end = self._prefix.length + kept
        shared = [(keys[:, :, :end], values[:, :, :end]) for keys, values in self._shared]
        cache = RowCache(min(self._batch_size, len(rows)), shared)
        if self._prefix.embeddings is not None and not cache.shared_length:
            self._share(cache, self._prefix.length, inputs_embeds=self._prefix.embeddings.unsqueeze(0))
        if new := tokens[kept:]:
            self._share(cache, len(new), input_ids=torch.tensor([new], device=self._model.device))
        self._shared, self._shared_tokens = cache.all_shared, tokens
        return cache

    def _share(self, cache: RowCache, length: int, **inputs: torch.Tensor) -> None:
        compute(self._model, Step(cache, [Span(0, 0, length)], 0, self._model.device), **inputs)
        cache.share(0, length)


@dataclass
class _Running:
    """A row, and how many of its own tokens, those behind the shared ones, the cache has."""

    row: GrowingSequence
    computed: int


class _Batch:
    """The rows that are generated at the moment; the row at index i has slot i of the cache."""

    def __init__(self, model: PreTrainedModel, cache: RowCache, shared: int) -> None:
        self._model, self._cache, self._shared = model, cache, shared
        self.running: list[_Running] = []
        # Rows before this index have been computed up to their newest token.
        self._singles = 0

    def admit(self, waiting: deque[GrowingSequence], limit: int) -> None:
        """Take rows in, as long as there is room for them."""
        self._singles, room = len(self.running), _PROMPT_TOKENS_A_PASS
        while waiting and len(self.running) < limit and room > 0 and not self._is_coming(waiting[0]):
            row = waiting.popleft()
            self.running.append(_Running(row, self._take_over(row)))
            room -= row.length - self._shared - self.running[-1].computed

    def grow(self, emit: EmitDraw) -> None:
        """Add a token to each row; rows that end with it are emitted and leave."""
        rows = [running.row for running in self.running]
        taken = chosen_tokens(self._scores(), rows)
        # From the end: the last row takes the slot of one that leaves.
        for slot in reversed(range(len(rows))):
            if completion := rows[slot].take(*taken[slot]):
                emit((rows[slot].draw, completion))
                self._leave(slot)

    def _scores(self) -> torch.Tensor:
        """Return the scores of each row's next token, (rows, vocabulary)."""
        spans, tokens = list[Span](), list[int]()
        for slot, running in enumerate(self.running):
            new = running.row.tokens[self._shared + running.computed :]
            spans.append(Span(slot, running.computed, len(new)))
            tokens += new
            running.computed += len(new)
        step = Step(self._cache, spans, self._singles, self._model.device)
        return compute(self._model, step, input_ids=torch.tensor([tokens], device=self._model.device))

    def _is_coming(self, row: GrowingSequence) -> bool:
        """Return whether this pass computes just this prompt: one pass later it can be taken over."""
        return any(
            other.row.tokens == row.tokens and self._shared + other.computed + 1 < row.length
            for other in self.running[self._singles :]
        )

    def _take_over(self, row: GrowingSequence) -> int:
        """Copy what was computed of another row's equal beginning to the next slot; return how much."""
        own = row.tokens[self._shared : -1]
        best, source = 0, 0
        for slot, other in enumerate(self.running[: self._singles]):
            alike = min(other.computed, _common(own, other.row.tokens[self._shared :]))
            if alike > best:
                best, source = alike, slot
        if best < _WORTH_COPYING_TOKENS:
            return 0
        self._cache.copy(source, len(self.running), best)
        return best

    def _leave(self, slot: int) -> None:
        last = self.running.pop()
        if slot < len(self.running):
            self._cache.copy(len(self.running), slot, last.computed)
            self.running[slot] = last


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common at their beginning."""
    for place, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return place
    return min(len(one), len(other))

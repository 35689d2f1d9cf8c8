"""The attention function with which a model computes rows of different lengths in one pass.

transformers lets one replace a model's attention function, and hands it what the model is called with:
https://huggingface.co/docs/transformers/attention_interface

What all rows begin with is read once for all of them: their queries, stacked, meet its keys in one product
(Juravsky et al. 2024, "Hydragen", arXiv:2402.05099).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from pytest_humaneval.providers.embedded.row_step import Span, Step

ROW_ATTENTION = "pytest_humaneval_rows"
"""The name by which transformers knows the function."""

# What a model may hand over besides, and what has no part in attention at inference.
_WITHOUT_EFFECT = {
    "cache_position",
    "dropout",
    "is_causal",
    "output_attentions",
    "output_hidden_states",
    "output_router_logits",
    "position_ids",
    "use_cache",
}


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    step: Step,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **others: Any,  # noqa: ANN401
) -> tuple[torch.Tensor, None]:
    """Return what the new tokens get of all that they see, (1, tokens, heads, width).

    Args:
        module: the attention layer.
        query: of the new tokens, (1, heads, tokens, width).
        key: of the new tokens, (1, key heads, tokens, width); ``value`` alike.
        value: see ``key``.
        attention_mask: None: ``step`` says what each token sees.
        step: which tokens these are.
        scaling: factor of the scores; None: one over the square root of the width.
        sliding_window: how many tokens back a token sees, itself included; None: all.
        others: what else the model asks of an attention function.

    Raises:
        NotImplementedError: the model asks for something that is not done here, such as a soft cap.
    """
    _check_known({**others, "attention_mask": attention_mask})
    layer = int(module.layer_idx)
    step.windows.add(sliding_window)
    step.cache.write(layer, step.slots, step.columns, key[0], value[0])
    # Scaled here once: not every product below has a factor.
    query = query[0] * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    singles, *rest = query.split([step.singles, *(span.tokens for span in step.spans[step.singles :])], dim=1)
    found = [_of_singles(step, layer, singles, sliding_window)] if step.singles else []
    for span, queries in zip(step.spans[step.singles :], rest, strict=True):
        found.append(_of_span(step, layer, span, queries, sliding_window))
    return torch.cat(found).unsqueeze(0), None


def _check_known(asked: Mapping[str, Any]) -> None:
    if unknown := sorted(name for name in asked.keys() - _WITHOUT_EFFECT if asked[name] is not None):
        raise NotImplementedError(f"attention with {', '.join(unknown)}")


def _of_singles(step: Step, layer: int, query: torch.Tensor, window: int | None) -> torch.Tensor:
    """Return the attention of rows with one new token each, (rows, heads, width).

    Plain products: the fused kernel for the CPU takes three times as long for one query a row.
    """
    heads, rows, width = query.shape
    keys, values = step.cache.own(layer, slice(0, rows), step.singles_width)
    groups = keys.shape[1]
    # (key heads, query heads of each, rows, width)
    query = query.reshape(groups, heads // groups, rows, width)
    # Keys times queries, not the reverse: far faster in bfloat16 on the CPU.
    scores = (keys @ query.permute(2, 0, 3, 1)).transpose(2, 3)
    shared = step.cache.shared(layer)
    if shared is not None:
        stacked = query.flatten(1, 2) @ shared[0][0].transpose(1, 2)
        scores = torch.cat([_by_row(stacked, rows), scores], -1)
    weights = (scores.float() + step.singles_mask(window)).softmax(-1).to(query.dtype)
    begin = weights.shape[-1] - keys.shape[2]
    found = weights[..., begin:] @ values
    if shared is not None:
        stacked = weights[..., :begin].permute(1, 2, 0, 3).flatten(1, 2) @ shared[1][0]
        found = found + _by_row(stacked, rows)
    return found.flatten(1, 2)


def _by_row(stacked: torch.Tensor, rows: int) -> torch.Tensor:
    """Turn (key heads, query heads of each x rows, n) into (rows, key heads, query heads of each, n)."""
    return stacked.unflatten(1, (-1, rows)).permute(2, 0, 1, 3)


def _of_span(step: Step, layer: int, span: Span, query: torch.Tensor, window: int | None) -> torch.Tensor:
    """Return the attention of one row's new tokens, (tokens, heads, width)."""
    end = span.before + span.tokens
    keys, values = step.cache.own(layer, slice(span.slot, span.slot + 1), end)
    if (shared := step.cache.shared(layer)) is not None:
        keys, values = torch.cat([shared[0], keys], 2), torch.cat([shared[1], values], 2)
    heads, tokens, width = query.shape
    groups = keys.shape[1]
    found = scaled_dot_product_attention(
        query.reshape(groups, -1, tokens, width),
        _for_each_query_head(keys, heads // groups),
        _for_each_query_head(values, heads // groups),
        attn_mask=step.span_mask(span, window).to(query.dtype),
        scale=1.0,
    )
    return found.reshape(heads, tokens, -1).transpose(0, 1)


def _for_each_query_head(held: torch.Tensor, query_heads: int) -> torch.Tensor:
    """Turn (1, key heads, tokens, width) into (key heads, query heads of each, tokens, width), uncopied."""
    return held.transpose(0, 1).expand(-1, query_heads, -1, -1)


AttentionInterface.register(ROW_ATTENTION, attend)

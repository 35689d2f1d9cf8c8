"""Whether a model can be computed row by row: it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import PreTrainedModel

from pytest_humaneval.providers.embedded.row_attention import ROW_ATTENTION
from pytest_humaneval.providers.embedded.row_cache import RowCache
from pytest_humaneval.providers.embedded.row_step import Span, Step

_KINDS_OF_LAYERS = {"full_attention", "sliding_attention"}
_TOKENS = 6
# Of the greatest score: rounding in bfloat16 stays far below, another computation far above.
_TOLERANCE = 0.1


def compute(model: PreTrainedModel, step: Step, **inputs: torch.Tensor) -> torch.Tensor:
    """Return the scores of each row's next token, (rows, vocabulary).

    ``inputs`` are ``input_ids``, (1, tokens), or ``inputs_embeds``, (1, tokens, width).
    """
    step.cache.reserve(max(span.before + span.tokens for span in step.spans))
    positions = step.columns + step.cache.shared_length
    result = model(
        **inputs, position_ids=positions.unsqueeze(0), use_cache=False, logits_to_keep=step.last, step=step
    )
    return result.logits[0]


@contextmanager
def row_attention(model: PreTrainedModel) -> Iterator[None]:
    """Have a model use the attention of rows for a while."""
    usual = model.config._attn_implementation
    model.set_attn_implementation(ROW_ATTENTION)
    try:
        yield
    finally:
        model.set_attn_implementation(usual)


def can_be_computed_by_rows(model: PreTrainedModel) -> bool:
    """Return whether a model, computed by rows, gives the scores that it gives by itself.

    It does not if it has no attention that transformers lets one replace, keeps some other state, or asks of
    attention what is not done there.
    """
    if not _KINDS_OF_LAYERS.issuperset(getattr(model.config, "layer_types", None) or ()):
        return False
    try:
        with torch.inference_mode():
            tokens = torch.arange(_TOKENS, device=model.device).unsqueeze(0)
            expected = model(input_ids=tokens, use_cache=False).logits[0, -2:].float()
            with row_attention(model):
                found, windows = _scores_by_rows(model, tokens)
    # Of any kind: a model that was not made for this may fail anywhere.
    except Exception:
        return False
    return _has_window(model) == any(windows) and _is_close(found.float(), expected)


def _scores_by_rows(model: PreTrainedModel, tokens: torch.Tensor) -> tuple[torch.Tensor, set[int | None]]:
    """Return the scores behind the last two tokens, (2, vocabulary), and the sliding windows of layers.

    Of the tokens, two are shared, three are computed together, and the last one by itself.
    """
    cache = RowCache(1)
    compute(model, Step(cache, [Span(0, 0, 2)], 0, model.device), input_ids=tokens[:, :2])
    cache.share(0, 2)
    several = Step(cache, [Span(0, 0, 3)], 0, model.device)
    first = compute(model, several, input_ids=tokens[:, 2:5])
    single = Step(cache, [Span(0, 3, 1)], 1, model.device)
    return torch.cat([first, compute(model, single, input_ids=tokens[:, 5:])]), several.windows


def _has_window(model: PreTrainedModel) -> bool:
    kinds = getattr(model.config, "layer_types", None)
    if kinds is not None:
        return "sliding_attention" in kinds
    return getattr(model.config, "sliding_window", None) is not None


def _is_close(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool((found - expected).abs().max() <= _TOLERANCE * expected.abs().max())

"""Rows of the embedded engine on tiny random models: their tokens are those of transformers' generate()."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Draw, Request, Sampling, SettledDraw
from tests.support.engines import needs_engine

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from pytest_humaneval.providers.embedded.prefix import Prefix

pytestmark = needs_engine

Tokens = list[int]

SIZE = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
}
GPT2 = {"vocab_size": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 512}
MAMBA = {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4}
BEGIN = [7, 3, 9, 11, 5, 2, 8]
"""What all prompts begin with."""
PROMPTS = [[*BEGIN, *range(20, 20 + more)] for more in (1, 30, 4, 25, 9, 2, 17, 12)]
LIMITS = [9, 3, 12, 1, 7, 20, 5, 2]


def random_model(kind: str, **size: Any) -> PreTrainedModel:  # noqa: ANN401
    """Return a model of an architecture with random weights, large enough that its tokens vary."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    # More threads than free cores wait for each other most of the time, and the model is tiny.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **size)).eval()
    for weights in model.parameters():
        weights.data.mul_(8 if weights.dim() == 2 else 1)
    model.generation_config = GenerationConfig(pad_token_id=0)
    return model


class NoText:
    """A decoder for tests that look at tokens alone."""

    def decode(self, token_ids: list[int], **_options: bool) -> str:
        """Return no text."""
        return "" * len(token_ids)


def generated(model: PreTrainedModel, prompt: Tokens, limit: int) -> Tokens:
    """Return what transformers' own generate() makes of one prompt alone."""
    import torch
    from transformers import GenerationConfig

    ids = torch.tensor([prompt])
    settings = GenerationConfig(do_sample=False, max_new_tokens=limit, pad_token_id=0)
    output = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=settings)
    return list(output[0, len(prompt) :].tolist())


def answered(
    model: PreTrainedModel,
    prompts: Sequence[Tokens] = PROMPTS,
    limits: Sequence[int] = LIMITS,
    prefix: Prefix | None = None,
) -> list[Tokens]:
    """Return what the engine makes of prompts, three at a time, in two calls."""
    from pytest_humaneval.providers.embedded.batches import batch_for
    from pytest_humaneval.providers.embedded.prefix import Prefix
    from pytest_humaneval.providers.embedded.sequence import GrowingSequence

    batch = batch_for(model, prefix or Prefix(), 3)
    rows = []
    for number, (prompt, limit) in enumerate(zip(prompts, limits, strict=True)):
        draw = Draw(f"Test/{number}", 0, Request("m", "completion", (), Sampling(max_tokens=limit)))
        rows.append(GrowingSequence(draw, prompt, NoText(), ()))
    emitted: list[SettledDraw] = []
    for part in (rows[:5], rows[5:]):
        batch.answer(part, emitted.append, lambda: False)
    assert len(emitted) == len(rows)
    return [row.generated for row in rows]


@pytest.mark.parametrize(
    ("kind", "size", "by_rows"),
    [
        pytest.param("qwen2", SIZE, True, id="grouped-heads"),
        pytest.param("gpt2", GPT2, True, id="learned-positions"),
        pytest.param("mistral", {**SIZE, "sliding_window": 10}, True, id="sliding-window"),
        pytest.param("gemma2", SIZE, False, id="soft-cap"),
        pytest.param("mamba", MAMBA, False, id="no-attention"),
    ],
)
def test_tokens_are_those_of_generate(kind: str, size: dict[str, Any], by_rows: bool) -> None:
    """Of every architecture, whatever is beside a row; by rows where its attention can be replaced."""
    from pytest_humaneval.providers.embedded.row_support import can_be_computed_by_rows

    model = random_model(kind, **size)
    expected = [generated(model, prompt, limit) for prompt, limit in zip(PROMPTS, LIMITS, strict=True)]

    assert expected == answered(model)
    assert can_be_computed_by_rows(model) == by_rows
    assert len({tuple(tokens[:3]) for tokens in expected}) > 3


def test_nothing_is_computed_twice() -> None:
    """Not what all prompts begin with, not a prompt that is another row's, and no token of a completion."""
    model, computed = random_model("qwen2", **SIZE), list[int]()
    one, other, limit = [*BEGIN, *range(20, 50)], [*BEGIN, *range(50, 20, -1)], 4

    def count(_embed: object, inputs: tuple[torch.Tensor], _output: object) -> None:
        computed.append(inputs[0].numel())

    model.get_input_embeddings().register_forward_hook(count)
    answered(model, [], [])
    by_the_check = sum(computed)
    computed.clear()

    answered(model, [one, one, one, other, other], [limit] * 5)

    # Of a prompt that is there already its last token is computed, to know what follows.
    prompts = len(one) + 2 + len(other) - len(BEGIN) + 1
    assert sum(computed) - by_the_check == prompts + 5 * (limit - 1)


@pytest.mark.parametrize("form", ["embeddings", "key_values"])
def test_a_prefix_is_what_tokens_before_every_prompt_are(form: str) -> None:
    """Made of real tokens, it leads to the completions of prompts with these tokens before them."""
    model = random_model("qwen2", **SIZE)
    expected = [
        generated(model, [40, 41, 42, *prompt], limit) for prompt, limit in zip(PROMPTS, LIMITS, strict=True)
    ]

    assert expected == answered(model, prefix=prefix_of(model, [40, 41, 42], form))


def prefix_of(model: PreTrainedModel, tokens: Tokens, form: str) -> Prefix:
    """Return the prefix that stands for some tokens."""
    import torch
    from transformers import DynamicCache

    from pytest_humaneval.providers.embedded.prefix import Prefix

    ids = torch.tensor([tokens])
    if form == "embeddings":
        return Prefix(embeddings=model.get_input_embeddings()(ids)[0].detach())
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        model(input_ids=ids, past_key_values=cache, use_cache=True)
    return Prefix(key_values=[(layer.keys, layer.values) for layer in cache.layers])


def test_keys_and_values_before_a_model_without_attention() -> None:
    """They are refused, with what to train instead."""
    import torch

    from pytest_humaneval.providers.embedded.prefix import Prefix

    nothing = torch.zeros(1, 2, 3, 8)

    with pytest.raises(ProviderError, match=r"MambaForCausalLM.*prefix of embeddings"):
        answered(random_model("mamba", **MAMBA), prefix=Prefix(key_values=[(nothing, nothing)]))

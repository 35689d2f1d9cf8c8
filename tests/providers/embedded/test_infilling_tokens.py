"""Fill-in-the-middle tokens in a prompt's text reach a model as tokens, with real tokenizers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Completion, Draw, Request, Sampling, SettledDraw
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from tests.support.engines import needs_engine

pytestmark = needs_engine

GAP = Problem("Gap/0", "def f(x):\n    y = <|fim", "f", "1", "", suffix="\n    return y\n")
"""What stands before the gap ends in a part of a token, which is text."""

TOKENS = {
    "fim_qwen": ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    "fim_starcoder": ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    "fim_deepseek": (
        "<\uff5cfim\u2581begin\uff5c>",
        "<\uff5cfim\u2581hole\uff5c>",
        "<\uff5cfim\u2581end\uff5c>",
    ),
}
Collect = Callable[[EmbeddedProvider, Sequence[Draw]], list[SettledDraw]]


def asked(name: str, problem: Problem = GAP) -> Request:
    """Return the request of a shipped strategy."""
    return read_strategy([STRATEGIES], "completion", name).render(problem, "m", Sampling(max_tokens=1))


def byte_tokenizer(*special: str) -> Any:  # noqa: ANN401 (a library that may not be installed)
    """Return a tokenizer of bytes with these special tokens, in the form of Qwen's and StarCoder's."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={byte: place for place, byte in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    tokens = {"eos_token": "<|endoftext|>", "additional_special_tokens": list(special)}
    return PreTrainedTokenizerFast(tokenizer_object=inner, **tokens)


def code_llama_tokenizer() -> Any:  # noqa: ANN401
    """Return Code Llama's own tokenizer with a vocabulary of single bytes."""
    from transformers import CodeLlamaTokenizer

    special = ["<unk>", "<s>", "</s>", *(f"\u2581<{name}>" for name in ("PRE", "MID", "SUF", "EOT"))]
    pieces = [*special, "\u2581", *(f"<0x{byte:02X}>" for byte in range(256))]
    return CodeLlamaTokenizer(vocab={piece: place for place, piece in enumerate(pieces)}, merges=[])


@pytest.mark.parametrize("name", TOKENS)
def test_each_token_is_one_id_and_all_else_is_text(name: str) -> None:
    """Prefix and suffix come through letter by letter between the ids."""
    tokenizer = byte_tokenizer(*TOKENS[name])
    before, between, after = tokenizer.convert_tokens_to_ids(list(TOKENS[name]))

    tokens = prompt_tokens(asked(name), tokenizer)

    hole = tokens.index(between)
    assert (tokens[0], tokens[-1]) == (before, after)
    assert tokenizer.decode(tokens[1:hole]) == GAP.prompt
    assert tokenizer.decode(tokens[hole + 1 : -1]) == GAP.suffix


def test_a_gap_at_the_end_has_nothing_between_its_tokens() -> None:
    """For HumanEval itself, whose problems end where the answer begins."""
    tokenizer = byte_tokenizer(*TOKENS["fim_qwen"])
    before, between, after = tokenizer.convert_tokens_to_ids(list(TOKENS["fim_qwen"]))

    tokens = prompt_tokens(asked("fim_qwen_end", replace(GAP, suffix="")), tokenizer)

    assert (tokens[0], *tokens[-2:]) == (before, between, after)
    assert tokenizer.decode(tokens[1:-2]) == GAP.prompt


def test_code_llama_s_are_as_its_authors_have_them() -> None:
    """<s>, the token, a space that SentencePiece puts before a text; none before the suffix.

    Source: Rozière et al. 2023, arXiv:2308.12950, section 2.3.
    """
    tokenizer = code_llama_tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(f"\u2581<{name}>") for name in ("PRE", "SUF", "MID")}

    tokens = prompt_tokens(asked("fim_codellama"), tokenizer)

    hole = tokens.index(ids["SUF"])
    shown = tokenizer.convert_ids_to_tokens(tokens)
    assert shown[:3] == ["<s>", "\u2581<PRE>", "\u2581"]
    assert tokens[-1] == ids["MID"]
    assert "".join(map(_text, shown[3:hole])) == GAP.prompt
    assert "".join(map(_text, shown[hole + 1 : -1])) == GAP.suffix


def _text(piece: str) -> str:
    """Return the text of a piece: a byte, or SentencePiece's space."""
    return chr(int(piece[3:-1], 16)) if piece.startswith("<0x") else piece.replace("\u2581", " ")


def test_the_embedded_model_reads_the_tokens(tmp_path: Path, collect: Collect) -> None:
    """Three ids and one for each byte are what the provider's model is given, not the tokens' letters."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer = byte_tokenizer(*TOKENS["fim_qwen"])
    tokenizer.save_pretrained(tmp_path)
    size = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    Qwen2ForCausalLM(
        Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=2, max_position_embeddings=256, **size)
    ).save_pretrained(tmp_path)
    provider = EmbeddedProvider(Embedded(str(tmp_path), device="cpu", dtype="float32", threads=1))

    [(_, completion)] = collect(provider, [Draw("Gap/0", 0, asked("fim_qwen"))])

    assert isinstance(completion, Completion), completion
    assert completion.prompt_tokens == 3 + len(GAP.prompt) + len(GAP.suffix)

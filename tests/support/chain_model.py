"""A language model of a few numbers that always says the same: each token has one successor.

It is a real model in the format that transformers and vLLM load, so that a reasoning parser, a chat template
and fill-in-the-middle tokens can be shown with a real server, and its texts are known without any training:

    <|assistant|>     <think>  THOUGHTS  </think>  ANSWER
    </think>          ANSWER
    <|fim_middle|>    MIDDLE

Its attention and its feed-forward layer add nothing, so the logits after a token are those of its row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

THOUGHTS = "Let me see."
ANSWER = "def one():\n    return 1\n"
MIDDLE = "    y = x\n"

_ASSISTANT, _END = "<|assistant|>", "<|endoftext|>"
_FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_SUCCESSORS = {
    _ASSISTANT: "<think>",
    "<think>": THOUGHTS,
    THOUGHTS: "</think>",
    "</think>": ANSWER,
    "<|fim_middle|>": MIDDLE,
}
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message['content'] }}{% endfor %}"
    "{{ '<|assistant|>' }}{% if enable_thinking is false %}{{ '<think></think>' }}{% endif %}"
)

# More than there are tokens, since each has a dimension of its own.
_HIDDEN, _HEADS = 320, 5
_CONTEXT_TOKENS = 4096


def write_chain_model(folder: Path) -> Path:
    """Write the model, its tokenizer and its chat template to a folder; return the folder."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer = _tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=_HIDDEN,
        intermediate_size=_HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=_HEADS,
        num_key_value_heads=_HEADS,
        max_position_embeddings=_CONTEXT_TOKENS,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
    )
    model = Qwen2ForCausalLM(config)
    _chain(model, [_successor(tokenizer, token) for token in range(len(tokenizer))])
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer() -> Any:  # noqa: ANN401 (a library that may not be installed)
    """Return a tokenizer of bytes, with a token for each whole text of the chain."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={byte: place for place, byte in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    special = [_ASSISTANT, *_FIM]
    tokens = {"eos_token": _END, "additional_special_tokens": special}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, **tokens)
    # Not special, as in Qwen3: a special one is left out of the text that a reasoning parser reads.
    texts = ("<think>", "</think>", THOUGHTS, ANSWER, MIDDLE)
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in texts])
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _successor(tokenizer: Any, token: int) -> int:  # noqa: ANN401
    """Return the token after another; the end after all that the chain does not name."""
    text = tokenizer.convert_ids_to_tokens(token)
    return int(tokenizer.convert_tokens_to_ids(_SUCCESSORS.get(text, _END)))


def _chain(model: Any, successors: list[int]) -> None:  # noqa: ANN401
    """Set a model's numbers so that each token is followed by its successor."""
    import torch

    with torch.no_grad():
        layer = model.model.layers[0]
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
        model.model.embed_tokens.weight.copy_(torch.eye(len(successors), _HIDDEN))
        model.lm_head.weight.zero_()
        for token, successor in enumerate(successors):
            model.lm_head.weight[successor, token] = 1.0

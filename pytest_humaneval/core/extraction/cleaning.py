"""Remove what surrounds an answer and is no part of it: odd characters, reasoning, special tokens.

Servers normally hide reasoning and special tokens. They stay in the text where a server has no parser for the
model, where a model is run without its chat template, and in recorded samples.
"""

from __future__ import annotations

import re

# DeepSeek's tokens, such as its end of sentence, have a full-width bar for "|" and a block for "_".
_BAR = "[|\N{FULLWIDTH VERTICAL LINE}]"
_GAP = "[_\N{LOWER ONE EIGHTH BLOCK}]"
_ROLE = "(?:assistant|model|final)?"

# Of GPT-2 and its successors, DeepSeek, ChatML (Qwen), Llama 3, and models that fill in the middle
# (StarCoder, Qwen2.5-Coder).
_NAMES = (
    f"endoftext|end{_GAP}of{_GAP}text|end{_GAP}of{_GAP}sentence|begin{_GAP}of{_GAP}sentence|begin_of_text|"
    "startoftext|im_start|im_end|eot_id|eom_id|start_header_id|end_header_id|python_tag|endofprompt|"
    "fim_prefix|fim_middle|fim_suffix|fim_pad|repo_name|file_sep|file_separator"
)
"""Names of tokens that are recognised by their name alone, so that a fragment of one is too."""

# <s> and [INST] are of Llama 2 and Mistral, <start_of_turn> is Gemma's.
_TOKEN = (
    rf"<{_BAR}[\w\N{{LOWER ONE EIGHTH BLOCK}}]{{1,30}}{_BAR}>|</?s>|<bos>|<eos>"
    r"|<(?:start|end)_of_turn>|\[/?INST\]"
)
_HEADER = re.compile(rf"\A(?:\s*(?:{_TOKEN}){_ROLE})+\n*")
_END = re.compile(rf"{_TOKEN}|<?{_BAR}?(?:{_NAMES}){_BAR}>|<{_BAR}(?:{_NAMES})\b")
# A stop sequence or the length limit may cut a token in two where it is written as ordinary text.
_FRAGMENT = re.compile(rf"<{_BAR}[\w\N{{LOWER ONE EIGHTH BLOCK}}]*{_BAR}?\Z")

# <think> is written by DeepSeek-R1, Qwen3 and most others, [THINK] by Mistral's reasoning models, the
# triangles by Kimi's, begin_of_thought by models trained on OpenThoughts; the channels are OpenAI's Harmony
# format (gpt-oss).
_TAGS = "think|thinking|thought|reasoning|reflection|scratchpad"
_OPENED = re.compile(
    rf"<(?:{_TAGS})>|\[THINK\]|\N{{WHITE LEFT-POINTING TRIANGLE}}think\N{{WHITE RIGHT-POINTING TRIANGLE}}"
    r"|<\|begin_of_thought\|>|<\|channel\|>analysis<\|message\|>",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    rf"</(?:{_TAGS})>|\[/THINK\]|\N{{WHITE LEFT-POINTING TRIANGLE}}/think\N{{WHITE RIGHT-POINTING TRIANGLE}}"
    r"|<\|end_of_thought\|>|<\|channel\|>final<\|message\|>",
    re.IGNORECASE,
)


def plain_characters(text: str) -> str:
    """Return a text with line feeds and plain spaces only, without a byte-order mark and NULs."""
    # Python's tokenizer refuses NULs, no-break spaces and a byte-order mark.
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return plain.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\N{NO-BREAK SPACE}", " ")


def without_reasoning(text: str) -> str:
    """Return the text after the last end of reasoning, and before reasoning that never ends.

    Drafts inside reasoning are not the answer, whatever they look like.
    """
    # Only the closing mark is needed: some chat templates, such as DeepSeek-R1's, put the opening one into
    # the prompt.
    closings = list(_CLOSED.finditer(text))
    answer = text[closings[-1].end() :] if closings else text
    opened = _OPENED.search(answer)
    return answer[: opened.start()] if opened else answer


def without_special_tokens(text: str) -> str:
    """Return a text without special tokens of tokenizers and chat templates.

    Tokens at its beginning are the header of the answer; a later one, or a fragment of one, ends the answer:
    what follows is another turn or another document.
    """
    header = _HEADER.match(text)
    answer = text[header.end() :] if header else text
    end = _END.search(answer)
    return answer[: end.start()] if end else _FRAGMENT.sub("", answer)

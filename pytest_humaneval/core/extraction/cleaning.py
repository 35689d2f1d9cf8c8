"""What surrounds a model's answer and is no part of it: line ends, reasoning, a chat template's tokens."""

from __future__ import annotations

import re

_BAR = "[|\N{FULLWIDTH VERTICAL LINE}]"
_GAP = "[_\N{LOWER ONE EIGHTH BLOCK}]"  # DeepSeek's tokens have a block where others have an underscore
_ROLE = "(?:assistant|model|final)?"

_NAMES = (
    f"endoftext|end{_GAP}of{_GAP}text|end{_GAP}of{_GAP}sentence|begin{_GAP}of{_GAP}sentence|begin_of_text|"
    "startoftext|im_start|im_end|eot_id|eom_id|start_header_id|end_header_id|python_tag|endofprompt|"
    "fim_prefix|fim_middle|fim_suffix|fim_pad|repo_name|file_sep|file_separator"
)
"""Names of tokens that are known by their name alone, so that a fragment of one is recognised."""

_TOKEN = (
    rf"<{_BAR}[\w\N{{LOWER ONE EIGHTH BLOCK}}]{{1,30}}{_BAR}>|</?s>|<bos>|<eos>"
    r"|<(?:start|end)_of_turn>|\[/?INST\]"
)
_HEADER = re.compile(rf"\A(?:\s*(?:{_TOKEN}){_ROLE})+\n*")
_END = re.compile(rf"{_TOKEN}|<?{_BAR}?(?:{_NAMES}){_BAR}>|<{_BAR}(?:{_NAMES})\b")
_FRAGMENT = re.compile(rf"<{_BAR}[\w\N{{LOWER ONE EIGHTH BLOCK}}]*{_BAR}?\Z")

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
    """Return a text with line feeds only, without byte-order mark and NULs, its no-break spaces plain."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return plain.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\N{NO-BREAK SPACE}", " ")


def without_reasoning(text: str) -> str:
    """Return what follows the last end of reasoning; reasoning that never ends takes the rest with it."""
    closings = list(_CLOSED.finditer(text))
    answer = text[closings[-1].end() :] if closings else text
    opened = _OPENED.search(answer)
    return answer[: opened.start()] if opened else answer


def without_special_tokens(text: str) -> str:
    """Return a text without a chat template's tokens.

    Tokens at its beginning are the header of the answer; a later one, or a fragment of one, ends the answer.
    """
    header = _HEADER.match(text)
    answer = text[header.end() :] if header else text
    end = _END.search(answer)
    return answer[: end.start()] if end else _FRAGMENT.sub("", answer)

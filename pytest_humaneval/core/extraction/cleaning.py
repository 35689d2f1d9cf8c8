"""What surrounds a model's answer and is no part of it: line ends, special tokens, reasoning."""

from __future__ import annotations

import re

_END_NAMES = (
    "endoftext|im_end|eot_id|eom_id|EOT|end_of_text|end|eos|end_of_turn|file_sep|file_separator|repo_name|fim_prefix|"
    "fim_middle|fim_suffix|fim_pad|endofprompt|end_of_sentence|end▁of▁sentence|EOD|return|call|user|User"
)
_BAR = "[|｜]"
_START = re.compile(
    r"\A\s*(?:<[|｜](?:im_start|start_header_id|begin_of_text|begin▁of▁sentence|Assistant|assistant|start|channel|"
    r"message|end_header_id|python_tag|startoftext|fim_middle)[|｜]>(?:assistant|final)?\s*?|<s>|<bos>|\[/INST\]|<start_of_turn>(?:model)?)\n*"
)
_END = re.compile(
    rf"<{_BAR}(?:{_END_NAMES}){_BAR}>|(?:<{_BAR}?|{_BAR})(?:{_END_NAMES}){_BAR}>?|</s>|<eos>|<end_of_turn>|\[/?INST\]|<{_BAR}im_start{_BAR}>"
)
_FRAGMENT = re.compile(rf"<(?:{_BAR}[\w▁]*{_BAR}?)?\Z")
_OPEN_REASONING = re.compile(r"<(?P<tag>think|thinking|thought|reasoning|reflection)>|\[THINK\]|◁think▷|<\|begin_of_thought\|>", re.IGNORECASE)
_CLOSE_REASONING = re.compile(r"</(?:think|thinking|thought|reasoning|reflection)>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>", re.IGNORECASE)


def plain_newlines(text: str) -> str:
    """Return a text with line feeds only, without byte-order mark, NULs or no-break spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").lstrip("\ufeff")
    return text.replace("\xa0", " ")


def without_special_tokens(text: str) -> str:
    """Return a text without a chat template's tokens; what follows an end token is not the answer's."""
    while start := _START.match(text):
        text = text[start.end() :]
    parts = _END.split(text)
    text = next((part for part in parts if part.strip()), "")
    return _FRAGMENT.sub("", text)


def without_reasoning(text: str) -> str:
    """Return what follows the last reasoning; nothing if the reasoning never ends."""
    closings = list(_CLOSE_REASONING.finditer(text))
    if closings:
        text = text[closings[-1].end() :]
    opening = _OPEN_REASONING.search(text)
    return text[: opening.start()] if opening else text

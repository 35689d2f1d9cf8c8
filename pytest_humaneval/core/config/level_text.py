"""How the levels of a study's factors are written: in the names of its experiments, and in its table.

A text depends on nothing but the factor and the value, so a name stays what it is when the study grows.
"""

from __future__ import annotations

import re
from typing import Any

_OBVIOUS = frozenset(
    {
        *("provider", "server", "model", "api", "strategy", "postprocess", "dataset"),
        *("chat_template_kwargs", "extra_body"),
    }
)
"""Factors whose values say by themselves what they are."""

_SHORT = {"temperature": "t", "max_tokens": "max", "prompt_tail": "tail"}

# Commas and brackets structure the name; others end an argument of a shell, a folder or a node id.
_UNFIT = re.compile(r"[^\w.+=-]+")


def level_text(value: Any) -> str:  # noqa: ANN401 (any TOML value)
    """Return a value as short text without spaces, commas, slashes and brackets, such as ``0.2``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "+".join(f"{level_text(key)}={level_text(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list):
        return "+".join(map(level_text, value)) or "none"
    # 0 and 0.0 are one temperature.
    text = repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    return _UNFIT.sub("_", text) or "none"


def in_a_name(factor: str, text: str) -> str:
    """Return how a level is written in an experiment's name, such as ``t=0.2``, or ``minimal``."""
    return text if factor in _OBVIOUS else f"{_SHORT.get(factor, factor)}={text}"

"""Counting the tokens of prompts with a model's own tokenizer, without loading the model."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Request


def prompt_counter(embedded: Embedded) -> Callable[[Request], int] | None:
    """Return what counts a prompt's tokens; None where the tokenizer or its library is not here."""
    if importlib.util.find_spec("transformers") is None:
        return None
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(embedded.model, local_files_only=True)
    # Of any kind: a dry run goes on with an estimate.
    except Exception:
        return None
    return lambda request: len(prompt_tokens(request, tokenizer))

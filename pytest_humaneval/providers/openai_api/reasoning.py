"""What a model thought before it answered, where the server keeps it apart from the answer.

    choices[].message.reasoning_content                 DeepSeek, SGLang, llama.cpp, earlier vLLM
    choices[].message.reasoning                         vLLM, OpenRouter, Groq, Ollama
    usage.completion_tokens_details.reasoning_tokens    OpenAI, OpenRouter, DeepSeek: of the whole answer

OpenAI's chat API counts the thoughts and does not show them. Sources: the servers' API references; vLLM's
"Reasoning Outputs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reasoning_of(choice: Mapping[str, Any]) -> str | None:
    """Return the reasoning of a chat's choice; None where there is none to be read."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return None
    found = message.get("reasoning") or message.get("reasoning_content")
    return found if isinstance(found, str) and found else None


def reasoning_tokens(usage: Mapping[str, Any]) -> int | None:
    """Return how many tokens of an answer, over all its choices, are reasoning; None if unknown."""
    details = usage.get("completion_tokens_details")
    found = details.get("reasoning_tokens") if isinstance(details, dict) else None
    # A bool is no number.
    return found if type(found) is int and found >= 0 else None

"""What a server takes of the OpenAI API: a request as its JSON body, an answer as completions.

Servers that speak "the OpenAI API" differ in what they take. Nothing is asked beforehand: the first request
carries everything, and a refusal that names a known difference is answered by leaving that out, from then on.

    difference                                               seen at
    top_k, repetition_penalty are unknown parameters         api.openai.com
    at most four stop sequences                              api.openai.com
    max_tokens is called max_completion_tokens               api.openai.com's reasoning models
    only one completion a request (n > 1 refused, ignored)   llama.cpp, Groq, Ollama
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_humaneval.core.records import Completion, Request, Sampling

FEW_STOPS = 4
UNFINISHED = frozenset({"abort", "error"})
"""Finish reasons of answers that the server itself broke off: vLLM, SGLang, OpenRouter."""

_RENAMED_LIMIT = re.compile(r"use \W?max_completion_tokens", re.IGNORECASE)
_TOO_MANY = re.compile(r"too (long|many)|at most|maximum|up to", re.IGNORECASE)
_MANY_CHOICES = re.compile(r"(?<!\\)\bn\b|one completion|multiple (choices|completions)", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """What a server takes, as far as it is known: at first, everything."""

    extras: bool = True  # top_k, repetition_penalty
    many_stops: bool = True  # more than FEW_STOPS
    many_choices: bool = True  # n > 1
    max_tokens: str = "max_tokens"  # what the limit is called

    def body(self, request: Request, n: int = 1, seed: int | None = None) -> dict[str, Any]:
        """Return the JSON body that asks for ``n`` completions; every sampling parameter is said."""
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": request.model,
            **_asked(request),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            self.max_tokens: sampling.max_tokens,
            "n": n,
            "stream": False,
        }
        if self.extras:
            body |= {"top_k": sampling.top_k, "repetition_penalty": sampling.repetition_penalty}
        if sampling.stop:
            body["stop"] = list(sampling.stop if self.many_stops else sampling.stop[:FEW_STOPS])
        if seed is not None:
            body["seed"] = seed
        return body

    def adapted(self, request: Request, n: int, refusal: str) -> Dialect | None:
        """Return the dialect that a refusal (the server's words) of ``request`` asks for, if known."""
        sampling = request.sampling
        if self.extras and _neutral(sampling) and re.search("top_k|repetition_penalty", refusal):
            return replace(self, extras=False)
        if self.max_tokens == "max_tokens" and _RENAMED_LIMIT.search(refusal) and request.api == "chat":
            return replace(self, max_tokens="max_completion_tokens")
        many_stops = self.many_stops and len(sampling.stop) > FEW_STOPS
        if many_stops and re.search(r"\bstop\b", refusal) and _TOO_MANY.search(refusal):
            return replace(self, many_stops=False)
        if self.many_choices and n > 1 and _MANY_CHOICES.search(refusal):
            return replace(self, many_choices=False)
        return None

    def completions(self, request: Request, answer: dict[str, Any], n: int) -> list[Completion]:
        """Return the finished ones of an answer's choices, at most ``n``, in the order of their index.

        The tokens of the answer's usage are shared over them so that the sums stay true.

        Raises:
            TypeError, LookupError, AttributeError: the answer has another shape than the API's.
        """
        choices = [choice for choice in answer["choices"] if choice.get("finish_reason") not in UNFINISHED]
        choices = sorted(choices, key=lambda choice: choice.get("index") or 0)[:n]
        usage = answer.get("usage") or {}
        prompt_tokens = shares(usage.get("prompt_tokens") or 0, len(choices))
        completion_tokens = shares(usage.get("completion_tokens") or 0, len(choices))
        texts = [self._text(request, choice) for choice in choices]
        return [
            Completion(text, finish_reason, prompt_tokens=read, completion_tokens=written)
            for (text, finish_reason), read, written in zip(
                texts, prompt_tokens, completion_tokens, strict=True
            )
        ]

    def _text(self, request: Request, choice: dict[str, Any]) -> tuple[str, str | None]:
        """Return a choice's text and finish reason; a message without content is an empty text."""
        text = choice["message"].get("content") if request.api == "chat" else choice["text"]
        if not isinstance(text, str | None):
            raise TypeError(f"the text is {type(text).__name__}")
        stop = () if self.many_stops else request.sampling.stop
        return _stopped(text or "", choice.get("finish_reason"), stop)


def shares(total: int, parts: int) -> list[int]:
    """Return ``total`` split into ``parts`` whole numbers that differ by at most 1."""
    return [total * (i + 1) // parts - total * i // parts for i in range(parts)]


def _asked(request: Request) -> dict[str, Any]:
    if request.api == "completion":
        return {"prompt": request.text}
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    if (
        request.messages[-1].role == "assistant"
    ):  # the model continues what it has begun (vLLM's, SGLang's names)
        return {"messages": messages, "continue_final_message": True, "add_generation_prompt": False}
    return {"messages": messages}


def _neutral(sampling: Sampling) -> bool:
    """Whether leaving the extras out asks for the same: a set value must not be dropped in silence."""
    return sampling.top_k in (-1, 0) and sampling.repetition_penalty == 1.0


def _stopped(text: str, finish_reason: str | None, stop: Sequence[str]) -> tuple[str, str | None]:
    """End a text before its earliest stop sequence, as a server that takes them all would."""
    ends = [end for end in map(text.find, stop) if end >= 0]
    return (text[: min(ends)], "stop") if ends else (text, finish_reason)

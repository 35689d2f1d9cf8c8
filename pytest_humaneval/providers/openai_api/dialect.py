"""The dialect of the OpenAI API that a server speaks: requests to JSON bodies, answers to completions.

Servers that speak "the OpenAI API" differ in what they accept. Nothing is probed beforehand: the first
request carries every parameter, and where a refusal names a known difference, later ones leave that out.

    difference                                               found at
    top_k, repetition_penalty are unknown parameters         api.openai.com
    at most four stop sequences                              api.openai.com
    max_tokens is called max_completion_tokens               api.openai.com's reasoning models
    only one completion a request (n refused, ignored)       llama.cpp, Groq, Ollama
    no stream_options: a streamed answer has no usage        servers of an earlier API
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_humaneval.core.records import Completion, Request, Sampling
from pytest_humaneval.providers.openai_api.extra_fields import extra_fields
from pytest_humaneval.providers.openai_api.logprobs import mean_logprob
from pytest_humaneval.providers.openai_api.reasoning import reasoning_of, reasoning_tokens

MOST_STOPS_EVERYWHERE = 4
"""As many stop sequences as api.openai.com accepts."""
UNFINISHED = frozenset({"abort", "error"})
"""Finish reasons of choices that the server itself broke off: vLLM, SGLang, OpenRouter."""

# Each error message of a server is a text for people: these patterns are all that can be relied on.
_RENAMED_LIMIT = re.compile(r"use \W?max_completion_tokens", re.IGNORECASE)
_TOO_MANY = re.compile(r"too (long|many)|at most|maximum|up to", re.IGNORECASE)
# Not "\n" in a quoted prompt, which is a backslash before an n.
_MANY_CHOICES = re.compile(r"(?<!\\)\bn\b|one completion|multiple (choices|completions)", re.IGNORECASE)

_OTHER_ENDS = frozenset({"echo", "include_stop_str_in_output", "min_tokens"})
"""Fields of ``extra_body`` with which a server's own text may hold a stop sequence: vLLM, SGLang."""


@dataclass(frozen=True)
class Dialect:
    """What a server accepts, as far as it is known: at first, everything.

    Attributes:
        extras: whether it has the parameters ``top_k`` and ``repetition_penalty``.
        many_stops: whether it takes more than ``MOST_STOPS_EVERYWHERE`` stop sequences.
        many_choices: whether one request can ask for several completions (``n > 1``).
        max_tokens: its name for the limit of a completion's tokens.
        stream: whether answers are asked for in pieces; this is the experiment's wish.
        stream_usage: whether a streamed answer can be asked to end with the usage.
    """

    extras: bool = True
    many_stops: bool = True
    many_choices: bool = True
    max_tokens: str = "max_tokens"
    stream: bool = False
    stream_usage: bool = True

    def body(self, request: Request, n: int = 1, seed: int | None = None) -> dict[str, Any]:
        """Return the JSON body that asks for ``n`` completions; every sampling parameter given is in it."""
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": request.model,
            **_prompt_fields(request),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            self.max_tokens: sampling.max_tokens,
            "stream": self.stream,
        }
        # Left out where only one is given: some servers do not even know the parameter.
        if self.many_choices:
            body["n"] = n
        if self.stream and self.stream_usage:
            body["stream_options"] = {"include_usage": True}
        if self.extras:
            body |= {"top_k": sampling.top_k, "repetition_penalty": sampling.repetition_penalty}
        if sampling.stop:
            stops = sampling.stop if self.many_stops else sampling.stop[:MOST_STOPS_EVERYWHERE]
            body["stop"] = list(stops)
        if seed is not None:
            body["seed"] = seed
        return extra_fields(request) | body

    def adapted(self, request: Request, refusal: str) -> Dialect | None:
        """Return the dialect that a refusal of ``request`` calls for; None if it names no known difference.

        Args:
            request: the refused request, as it was sent.
            refusal: the server's error message.
        """
        sampling = request.sampling
        if self.extras and _has_neutral_extras(sampling) and re.search("top_k|repetition_penalty", refusal):
            return replace(self, extras=False)
        # max_completion_tokens is a parameter of the chat API alone.
        if self.max_tokens == "max_tokens" and _RENAMED_LIMIT.search(refusal) and request.api == "chat":
            return replace(self, max_tokens="max_completion_tokens")
        many_stops = self.many_stops and len(sampling.stop) > MOST_STOPS_EVERYWHERE
        if many_stops and re.search(r"\bstop\b", refusal) and _TOO_MANY.search(refusal):
            return replace(self, many_stops=False)
        if self.many_choices and _MANY_CHOICES.search(refusal):
            return replace(self, many_choices=False)
        if self.stream and self.stream_usage and re.search("stream_options|include_usage", refusal):
            return replace(self, stream_usage=False)
        return None

    def stops_here(self, request: Request) -> tuple[str, ...]:
        """Return the stop sequences at which texts are cut here, too: not every server knows all of them."""
        is_server_right = self.many_stops and not _OTHER_ENDS.isdisjoint(request.extras.table("extra_body"))
        return () if is_server_right else request.sampling.stop

    def completions(self, request: Request, answer: dict[str, Any], n: int) -> list[Completion]:
        """Return an answer's finished choices as completions, at most ``n``, in the order of their index.

        The token counts of the answer's usage are split over them, so that their sums are the usage.

        Raises:
            TypeError, LookupError, AttributeError: the answer has another shape than the API's.
        """
        # Some servers send no index, or null: sorted() is stable, so those keep their order.
        choices = [choice for choice in answer["choices"] if choice.get("finish_reason") not in UNFINISHED]
        choices = sorted(choices, key=lambda choice: choice.get("index") or 0)[:n]
        usage = answer.get("usage") or {}
        prompt_tokens = shares(usage.get("prompt_tokens") or 0, len(choices))
        completion_tokens = shares(usage.get("completion_tokens") or 0, len(choices))
        thought = reasoning_tokens(usage)
        thoughts = [None] * len(choices) if thought is None else shares(thought, len(choices))
        texts = [self._text(request, choice) for choice in choices]
        return [
            Completion(
                text,
                finish_reason,
                prompt_tokens=read,
                completion_tokens=written,
                mean_logprob=mean_logprob(choice) if request.logprobs else None,
                reasoning=reasoning_of(choice),
                reasoning_tokens=reasoned,
            )
            for choice, (text, finish_reason), read, written, reasoned in zip(
                choices, texts, prompt_tokens, completion_tokens, thoughts, strict=True
            )
        ]

    def _text(self, request: Request, choice: dict[str, Any]) -> tuple[str, str | None]:
        """Return a choice's text and finish reason; a message whose content is null is an empty text."""
        text = choice["message"].get("content") if request.api == "chat" else choice["text"]
        if not isinstance(text, str | None):
            raise TypeError(f"the text is {type(text).__name__}")
        return _cut_at_stop(text or "", choice.get("finish_reason"), self.stops_here(request))


def shares(total: int, parts: int) -> list[int]:
    """Return ``total`` split into ``parts`` whole numbers that differ by at most 1."""
    return [total * (i + 1) // parts - total * i // parts for i in range(parts)]


def _prompt_fields(request: Request) -> dict[str, Any]:
    if request.api == "completion":
        suffix = {} if request.suffix is None else {"suffix": request.suffix}
        return {"prompt": request.text, **suffix}
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    # A prefill: the model continues the message. vLLM and SGLang have these two parameters for that; without
    # them the chat template would close the message and open a new one.
    if request.messages[-1].role == "assistant":
        return {"messages": messages, "continue_final_message": True, "add_generation_prompt": False}
    return {"messages": messages}


def _has_neutral_extras(sampling: Sampling) -> bool:
    """Return whether a request without the extras draws alike: no other value may be dropped in silence."""
    # Both -1 and 0 mean "all tokens": https://docs.vllm.ai/en/latest/api/vllm/sampling_params.html
    return sampling.top_k in (-1, 0) and sampling.repetition_penalty == 1.0


def _cut_at_stop(text: str, finish_reason: str | None, stop: Sequence[str]) -> tuple[str, str | None]:
    """Cut a text before its earliest stop sequence, as a server that accepts all of them would."""
    ends = [end for end in map(text.find, stop) if end >= 0]
    return (text[: min(ends)], "stop") if ends else (text, finish_reason)

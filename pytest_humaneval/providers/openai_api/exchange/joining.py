"""The pieces of a streamed answer, put together into the answer that the server would have sent whole.

    chat API          choices[].delta.content, .reasoning, .reasoning_content
    completion API    choices[].text
    both              choices[].finish_reason, choices[].logprobs, usage

So one reading serves both (``dialect``). Source: OpenAI's API reference, "Streaming".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pytest_humaneval.core.records import Api
from pytest_humaneval.providers.openai_api.dialect import UNFINISHED
from pytest_humaneval.providers.openai_api.exchange.answer import Answer

_THOUGHTS = ("reasoning", "reasoning_content")


class JoinedAnswer:
    """What has arrived of one answer; times are seconds since its request was sent."""

    def __init__(self, api: Api, n: int, stops: Sequence[str]) -> None:
        """Expect ``n`` choices, each to be cut at the earliest of ``stops``."""
        self._last_s = 0.0
        self._api, self._n, self._stops = api, n, tuple(stops)
        self._choices: dict[int, _Choice] = {}
        self._usage: object = None

    def add(self, piece: Any, now_s: float) -> None:  # noqa: ANN401 (any JSON data)
        """Take one event.

        Raises:
            TypeError, LookupError, AttributeError: it has another shape than the API's, or is an error.
        """
        if piece.get("error") or not {"choices", "usage"} & set(piece):
            raise LookupError("an error instead of a piece")
        self._usage = piece.get("usage") or self._usage
        for part in piece.get("choices") or ():
            # Without an index, pieces of several choices cannot be told apart.
            index = part["index"] if self._n > 1 else part.get("index") or 0
            if index not in self._choices:
                self._choices[index] = _Choice(self._stops)
            self._choices[index].add(part, self._api, now_s)
            self._last_s = now_s

    @property
    def is_decided(self) -> bool:
        """Whether nothing that may still come can change a text, though the server would go on."""
        choices = self._choices.values()
        ended = sum(choice.has_ended for choice in choices)
        return ended >= self._n and any(choice.finish_reason is None for choice in choices)

    def so_far(self) -> Answer:
        """Return the answer as it would have come whole; a choice that has not ended was broken off."""
        finished = [
            (choice.whole(self._api, index), choice.first_s)
            for index, choice in sorted(self._choices.items())
            if choice.has_ended and choice.finish_reason not in UNFINISHED
        ]
        content = {"choices": [choice for choice, _ in finished], "usage": self._usage}
        return Answer(content, tuple(first_s for _, first_s in finished), self._last_s)


class _Choice:
    def __init__(self, stops: Sequence[str]) -> None:
        self.first_s: float | None = None
        self.finish_reason: Any = None
        self.has_stop = False
        self._stops, self._tail = stops, ""
        self._tail_length = max(map(len, stops), default=1) - 1
        self._texts: defaultdict[str, list[str]] = defaultdict(list)
        self._logprobs: defaultdict[str, list[Any]] = defaultdict(list)

    @property
    def has_ended(self) -> bool:
        """Whether nothing can change its text."""
        return self.has_stop or self.finish_reason is not None

    def add(self, part: dict[str, Any], api: Api, now_s: float) -> None:
        """Take a piece of this choice."""
        fields = (part.get("delta") or {}) if api == "chat" else {"content": part.get("text")}
        for name in ("content", *_THOUGHTS):
            if text := fields.get(name):
                self._append(name, text)
                self.first_s = now_s if self.first_s is None else self.first_s
        logprobs = part.get("logprobs")
        for name, values in logprobs.items() if isinstance(logprobs, dict) else ():
            if isinstance(values, list):
                self._logprobs[name] += values
        self.finish_reason = part.get("finish_reason") or self.finish_reason

    def _append(self, name: str, text: Any) -> None:  # noqa: ANN401 (any JSON data)
        if isinstance(text, str):
            self._texts[name].append(text)
        elif name == "content":
            raise TypeError(f"the text is {type(text).__name__}")
        # Searched in what is new and what a stop sequence may have begun in, not in all of the text again.
        if name == "content" and self._stops and not self.has_stop:
            seen = self._tail + text
            self.has_stop = any(stop in seen for stop in self._stops)
            self._tail = seen[len(seen) - min(self._tail_length, len(seen)) :]

    def whole(self, api: Api, index: int) -> dict[str, Any]:
        """Return the choice as it would have come whole."""
        texts = {name: _with_whole_characters("".join(parts)) for name, parts in self._texts.items()}
        text = {"message": texts} if api == "chat" else {"text": texts.get("content", "")}
        return {
            "index": index,
            "finish_reason": self.finish_reason,
            "logprobs": dict(self._logprobs) or None,
            **text,
        }


def _with_whole_characters(text: str) -> str:
    """Return a text in which halves of a character, from two pieces, are the character.

    A server that counts in UTF-16 may send one half of a pair with each piece.
    """
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

"""The behaviour of a stub model server: generated answers, scripted faults, and refusals of real servers."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pytest_humaneval.core.problem import Problem

Body = dict[str, Any]
"""The JSON body of a request or of an answer."""

Answer = Callable[[Body], list[str | None]]
"""From a request's body to the texts of its choices."""

FAULTS = ("500", "429", "drop", "cut", "garbage", "no_choices")
"""What can go wrong with one request; "hang", "odd_choices" and ``STREAM_FAULTS`` only by name."""

STREAM_FAULTS = ("error_event", "no_done", "no_finish_reason", "odd_piece")
"""What can go wrong with one streamed answer."""


_IMPORT = re.compile(r"^[ \t]*(?:import|from) .*\n", re.MULTILINE)


def request_text(body: Body) -> str:
    """Return the text of a request: its prompt, or its last message."""
    return str(body["prompt"] if "prompt" in body else body["messages"][-1]["content"])


def echo(body: Body) -> list[str | None]:
    """Return texts of the request's text, its seed and the choice's index, so that no two are alike."""
    return [f"{request_text(body)}|seed={body.get('seed')}|choice={i}" for i in range(body.get("n", 1))]


def canonical_answers(problems: Iterable[Problem]) -> Answer:
    """Return an answer function: it solves the problem whose prompt comes last in the request.

    A completion request gets the body alone, a chat request the whole function in a fence. Imports do not
    count, since HumanEval+ has one of them in another place.
    """
    by_prompt = {_IMPORT.sub("", problem.prompt).strip(): problem for problem in problems}

    def answer(body: Body) -> list[str | None]:
        text = _IMPORT.sub("", request_text(body))
        # The last one, since a few-shot prompt may hold other problems before it.
        place, prompt = max((text.rfind(prompt), prompt) for prompt in by_prompt)
        problem = by_prompt[prompt]
        whole = f"```python\n{problem.prompt}{problem.canonical_solution}```"
        found = problem.canonical_solution if "prompt" in body else whole
        return [found if place >= 0 else None] * body.get("n", 1)

    return answer


def distinct(answer: Answer) -> Answer:
    """Return an answer function whose choices differ: each solution ends with a statement of its own."""

    def distinct_texts(body: Body) -> list[str | None]:
        texts = answer(body)
        return [text and _ended_by(text, f"    _{index} = None\n") for index, text in enumerate(texts)]

    return distinct_texts


def _ended_by(text: str, statement: str) -> str:
    code, fence, rest = text.rpartition("```")
    return f"{code}{statement}{fence}{rest}" if fence else text + statement


@dataclass
class Behaviour:
    """How a stub server treats its requests.

    Attributes:
        answer: generates the texts.
        latency_s: time before each answer.
        slowest_s: where it is given, that time is between latency_s and this, drawn by the answer's text.
        faults: one for each request in order of arrival, None for none; later ones are drawn.
        fault_rate: share of later requests that have a fault.
        seed: of the draws of faults.
        retry_after: sent with a 429.
        unknown: parameters refused with 400, in api.openai.com's words.
        max_stops: most stop sequences accepted; refused in api.openai.com's words.
        max_choices: greatest n accepted; refused in Groq's words.
        ignores_n: whether n is ignored without an error, as by Ollama.
        finish_reason: of every choice.
        refusal: status and message with which every request is refused.
        api_key: the key, in lower case, without which whatever is requested is refused with 401.
        model: the only one that is served.
        max_model_len: its context length in the list of models, where vLLM has it.
        loras: further entries of that list.
        restless: whether no two answers are alike, even to equal requests.
        logprobs: gives the log probabilities of a text's tokens, sent to whoever asks for them; None: who
            asks is not heard.
        reasoning: a field of a chat's message, and what it says beside each text; None: nothing.
        reasoning_tokens: how many the usage counts of it; None: the usage does not say.
        allowed: how many requests are answered in any so many seconds; more of them get a 429. None: all.
        counts_tokens: whether answers have a usage.
        stream_bytes: as many bytes of a streamed answer are written at a time.
        endless: whether a streamed answer goes on, after its text, until the client closes the connection.
        lets_go: whether requests that hang are answered after all.
        streams: whether it streams to whoever asks for it; else the answer comes whole.
        own_penalty: whether a request without a repetition penalty gets the model's own, as by vLLM.
    """

    answer: Answer = echo
    latency_s: float = 0.0
    slowest_s: float | None = None
    faults: list[str | None] = field(default_factory=list)
    fault_rate: float = 0.0
    seed: int = 0
    retry_after: str = "0"
    unknown: frozenset[str] = frozenset()
    max_stops: int | None = None
    max_choices: int | None = None
    ignores_n: bool = False
    finish_reason: str = "stop"
    refusal: tuple[int, str] | None = None
    api_key: str | None = None
    model: str = "stub"
    max_model_len: int | None = None
    loras: tuple[Body, ...] = ()
    restless: bool = False
    own_penalty: bool = False
    stream_bytes: int = 7
    endless: bool = False
    lets_go: bool = False
    streams: bool = True
    logprobs: Callable[[str], list[float]] | None = None
    reasoning: tuple[str, str] | None = None
    reasoning_tokens: int | None = None
    allowed: tuple[int, float] | None = None
    counts_tokens: bool = True

    def __post_init__(self) -> None:
        self._admitted_s: list[float] = []
        self._random = random.Random(self.seed)  # noqa: S311 - a repeatable choice of faults

    def delay_s(self, body: Body) -> float:
        """Return the time before the answer to a request."""
        if self.slowest_s is None:
            return self.latency_s
        seed = str(self.answer(body)[0])
        return random.Random(seed).uniform(self.latency_s, self.slowest_s)  # noqa: S311 - repeatable

    def next_fault(self) -> str | None:
        """Return what goes wrong with the request that has just arrived."""
        if self.allowed is not None and not self._admits(*self.allowed):
            return "429"
        if self.faults:
            return self.faults.pop(0)
        return self._random.choice(FAULTS) if self._random.random() < self.fault_rate else None

    def _admits(self, count: int, window_s: float) -> bool:
        now_s = time.monotonic()
        self._admitted_s = [each for each in self._admitted_s if each > now_s - window_s]
        is_admitted = len(self._admitted_s) < count
        self._admitted_s += [now_s] * is_admitted
        return is_admitted

    def refuses(self, body: Body) -> tuple[int, str] | None:
        """Return the status and message of a request's refusal, if it is refused."""
        unknown = sorted(self.unknown & set(body))
        if unknown:
            return 400, f"Unrecognized request arguments supplied: {', '.join(unknown)}"
        stops = len(body.get("stop", ()))
        if self.max_stops is not None and stops > self.max_stops:
            expected = f"Expected an array with maximum length {self.max_stops}"
            return (
                400,
                f"Invalid 'stop': array too long. {expected}, but got one with length {stops} instead.",
            )
        if self.max_choices is not None and body.get("n", 1) > self.max_choices:
            return 400, f"'n' : number must be at most {self.max_choices}"
        return self.refusal

    def completion(self, body: Body) -> Body:
        """Return the answer to a chat or completion request."""
        texts = self.answer({**body, "n": 1} if self.ignores_n else body)
        choices = [{"index": i, "finish_reason": self.finish_reason} for i in range(len(texts))]
        if self.restless:
            texts = [f"{text}{self._random.random()}" for text in texts]
        if self.own_penalty and "repetition_penalty" not in body:
            texts = [f"{text} penalised" for text in texts]
        for choice, text in zip(choices, texts, strict=True):
            _put(choice, text, body)
            if self.reasoning and isinstance(message := choice.get("message"), dict):
                message.update([self.reasoning])
            if self.logprobs and body.get("logprobs"):
                _put_logprobs(choice, self.logprobs(text or ""), body)
        written = sum(len((text or "").split()) for text in texts)
        asked = len(request_text(body).split())
        usage: Body = {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}
        if self.reasoning_tokens is not None:
            usage["completion_tokens_details"] = {"reasoning_tokens": self.reasoning_tokens}
        counted = {"usage": usage} if self.counts_tokens else {}
        return {"id": "stub", "model": body.get("model"), "choices": choices, **counted}


def _put(choice: Body, text: str | None, body: Body) -> None:
    """Put a text where the request's API has it."""
    choice |= {"text": text} if "prompt" in body else {"message": {"role": "assistant", "content": text}}


def _put_logprobs(choice: Body, logprobs: list[float], body: Body) -> None:
    """Put the log probabilities of a choice's tokens where the request's API has them."""
    if "prompt" in body:
        choice["logprobs"] = {"tokens": ["?"] * len(logprobs), "token_logprobs": logprobs}
    else:
        choice["logprobs"] = {"content": [{"token": "?", "logprob": each} for each in logprobs]}

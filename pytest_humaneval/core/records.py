"""The records that travel through a run, one for each stage of a problem's life.

dataset -> Problem -> Request -> Draw -> Completion -> Extraction -> Candidate -> Verdict

What is kept of them for the reports is in ``results``.

Every record is frozen: a later stage adds its own and never changes an earlier one, so any stage can be
replayed without those before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from pytest_humaneval.core.calls import CallResult, Calls
from pytest_humaneval.core.config.settings import CANONICAL_FACTOR, Timeout
from pytest_humaneval.core.problem import Cases
from pytest_humaneval.core.request_extras import NO_EXTRAS, RequestExtras

Api = Literal["chat", "completion"]
Form = Literal["raw", "completion", "solution"]
StepKind = Literal["format", "repair"]


@dataclass(frozen=True)
class Message:
    """One turn of a chat request."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Sampling:
    """How completions are drawn. Every value but None is sent: for these no default of a server applies."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = -1  # -1: all tokens
    repetition_penalty: float = 1.0  # 1.0: none
    max_tokens: int = 1024
    stop: tuple[str, ...] = ()
    seed: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


@dataclass(frozen=True)
class Request:
    """What is asked for one problem: the rendered messages (chat) or text (completion), and how to draw."""

    model: str
    api: Api
    # A completion request has one, of role "user": its text.
    messages: tuple[Message, ...]
    sampling: Sampling
    adapter: str | None = None  # SHA-256 of the adapter on the model, if there is one
    logprobs: bool = False  # whether the tokens' log probabilities are wanted with the answer
    extras: RequestExtras = NO_EXTRAS
    suffix: str | None = None  # what stands after the completion, for servers that fill in the middle

    @property
    def text(self) -> str:
        """The text of a completion request."""
        return self.messages[-1].content


@dataclass(frozen=True)
class Draw:
    """One completion to be had: the ``sample_index``-th (from 0) for a problem."""

    task_id: str
    sample_index: int
    request: Request


@dataclass(frozen=True)
class Completion:
    """What a model said, untouched.

    Attributes:
        text: the model's own text, nothing stripped.
        finish_reason: why it ended, in the OpenAI API's words ("stop", "length", ...); None if unknown.
        form: how the text becomes a program: ``raw`` goes through post-processing, ``completion``
            continues the prompt as it is, ``solution`` is a whole program already.
        prompt_tokens: this completion's share of the tokens read; 0 if unknown.
        completion_tokens: this completion's share of the tokens written; 0 if unknown.
        mean_logprob: the mean natural logarithm of its tokens' probabilities; None if unknown.
        reasoning: what the model thought before it, where its server keeps that apart; None if nothing.
        reasoning_tokens: how many of ``completion_tokens`` these thoughts are; None if unknown.
        first_token_s: from sending its request to its first token, thoughts included; None if unknown.
        generation_s: from sending its request to the last token of all that were asked for together; None if
            unknown. Times do not belong to its identity: completions that differ only in them are equal.
        rounds: what the model answered when it was shown, again and again, which example its program failed.
    """

    text: str
    finish_reason: str | None = None
    form: Form = "raw"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    mean_logprob: float | None = None
    reasoning: str | None = None
    reasoning_tokens: int | None = None
    rounds: tuple[Completion, ...] = ()
    first_token_s: float | None = field(default=None, compare=False)
    generation_s: float | None = field(default=None, compare=False)

    @property
    def without_times(self) -> Completion:
        """The same for a later run, which did not wait for it."""
        is_timed = self.first_token_s is not None or self.generation_s is not None
        return replace(self, first_token_s=None, generation_s=None) if is_timed else self


@dataclass(frozen=True)
class NoCompletion:
    """A draw that finally failed, in the provider's words. Never scored as an answer."""

    reason: str


DrawResult = Completion | NoCompletion
"""What became of a draw."""

SettledDraw = tuple[Draw, DrawResult]
"""A draw with what became of it."""


@dataclass(frozen=True)
class AppliedStep:
    """An extraction step that changed the text; ``diff`` says what, line by line."""

    name: str
    kind: StepKind
    diff: str


@dataclass(frozen=True)
class Extraction:
    """The program found in a completion, and how.

    Attributes:
        solution: source of a whole module that should define the entry point; None if the text holds no code.
        steps: the steps that changed something, in order.
        cut: the length limit ended the text while the solution was still being written.
        stopped_early: the text ended otherwise, perhaps at a stop sequence, before the solution was whole.
    """

    solution: str | None
    steps: tuple[AppliedStep, ...] = ()
    cut: bool = False
    stopped_early: bool = False


@dataclass(frozen=True)
class Candidate:
    """A program to be judged: untrusted ``solution``; all else is the dataset's, and trusted.

    It is judged by ``cases``, else by ``test``; with ``calls`` not at all: the verdict has what they gave.

    Attributes:
        least_timeout_s: see ``Problem``.
    """

    solution: str
    entry_point: str
    prompt: str
    test: str
    cases: Cases | None = None
    least_timeout_s: float = 0.0
    calls: Calls | None = None


@dataclass(frozen=True)
class Limits:
    """What one candidate may use.

    Attributes:
        timeout_s: CPU time, as a busy machine must change no verdict; the wall clock is only a backstop.
        memory_mib: memory of all its processes.
        cases_timeout_s: as ``timeout_s``, for one judged by ``Cases``; None: by the reference's own time.
        cases_memory_mib: as ``memory_mib``, for a candidate that is judged by ``Cases``.
        canonical_factor: the limit as a multiple of the canonical solution's time, at least ``timeout_s``.
    """

    timeout_s: float = 3.0
    memory_mib: int = 1024
    cases_timeout_s: float | None = None
    cases_memory_mib: int = 4096
    canonical_factor: float | None = None

    def overridden(self, timeout_s: Timeout | None, memory_mib: int | None) -> Limits:
        """Return these limits, or those given in their place, which hold for all candidates."""
        limits = self
        if timeout_s == "auto":
            limits = replace(limits, timeout_s=1.0, canonical_factor=CANONICAL_FACTOR)
        elif timeout_s is not None:
            limits = replace(limits, timeout_s=timeout_s, cases_timeout_s=timeout_s, canonical_factor=None)
        if memory_mib is not None:
            limits = replace(limits, memory_mib=memory_mib, cases_memory_mib=memory_mib)
        return limits


class Outcome(str, Enum):
    """How a sample ended. All but ``infra_error`` are the model's doing."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong_answer"
    NOT_PLAIN_DATA = "not_plain_data"
    EXCEPTION = "exception"
    SYNTAX_ERROR = "syntax_error"
    NO_CODE = "no_code"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    INFRA_ERROR = "infra_error"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Verdict:
    """What the sandbox saw a candidate do.

    Attributes:
        outcome: the judgement.
        message: for a person: the failing assertion with actual and expected, the exception, the signal.
        seconds: CPU time where it is known, else wall time.
        failing_line: of the solution, counted from 1: where it raised or cannot be parsed; None if unknown.
        output: the end of what a failing candidate printed, by its own word; empty if unknown.
        base_outcome: the judgement by the base tests alone; None where the dataset has no further ones.
        calls: what the candidate's ``calls`` gave, in their order; fewer where it could answer no more, which
            the outcome tells. ``passed``: it has answered all, be it wrongly.
        tampered: whether it attacked the sandbox during its ``calls``.
    """

    outcome: Outcome
    message: str | None = None
    seconds: float = 0.0
    failing_line: int | None = None
    output: str = ""
    base_outcome: Outcome | None = None
    calls: tuple[CallResult, ...] = ()
    tampered: bool = False

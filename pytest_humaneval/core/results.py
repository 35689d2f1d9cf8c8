"""Results: what is kept of each judged draw, and the draws of one problem together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pytest_humaneval.core.records import AppliedStep, Form, Outcome


@dataclass(frozen=True)
class Sample:
    """One draw, judged: everything that a report shows of it.

    Attributes:
        sample_index: its place among the problem's samples, from 0.
        outcome: how it ended.
        raw: the model's own text; None if there was no completion.
        solution: source of the program found in it; None if it holds none.
        steps: the steps of post-processing that changed something, in order.
        message: why it failed, for a person; None if it passed.
        seconds: CPU time of the program where it is known, else wall time.
        finish_reason: why the text ended, in the OpenAI API's words; None if unknown.
        prompt_tokens: tokens read; 0 if unknown.
        completion_tokens: tokens written; 0 if unknown.
        form: how the text became a program: by post-processing, after the prompt, or as it was.
        repaired: it passed, and would not have without the repair steps.
        failing_line: line of the solution, from 1, where it raised or cannot be parsed; None if unknown.
        output: the end of what a failing program printed.
        base_outcome: the outcome by the base tests alone; None where the dataset has no further ones.
        stopped_early: it failed, and the text had ended before the solution was whole, though not at the
            length limit.
        examples: how many examples of the prompt could be run; None if they were not tried.
        examples_passed: how many of them it gets right; None if they were not tried.
        failed_example: the first of them that it fails, for a person.
        behaviour: a key of what each call of the probe gave: samples with equal keys behave alike there.
        mean_logprob: the mean natural logarithm of its tokens' probabilities; None if unknown.
        reasoning: what the model thought before it answered, where its server keeps that apart.
        reasoning_tokens: how many of ``completion_tokens`` that is; None if unknown.
        first_token_s: seconds from sending its request to its first token; None unless it was streamed in
            this run.
        generation_s: seconds to the last token of all that were asked for together; None as above.
        rounds: what came of further rounds of repair, each judged like the first.
    """

    sample_index: int
    outcome: Outcome
    raw: str | None = None
    solution: str | None = None
    steps: tuple[AppliedStep, ...] = ()
    message: str | None = None
    seconds: float = 0.0
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    form: Form = "raw"
    repaired: bool = False
    failing_line: int | None = None
    output: str = ""
    base_outcome: Outcome | None = None
    stopped_early: bool = False
    examples: int | None = None
    examples_passed: int | None = None
    failed_example: str | None = None
    behaviour: tuple[str, ...] = ()
    mean_logprob: float | None = None
    reasoning: str | None = None
    reasoning_tokens: int | None = None
    first_token_s: float | None = None
    generation_s: float | None = None
    rounds: tuple[Sample, ...] = ()

    @property
    def final(self) -> Sample:
        """The attempt that is kept after repair, the first of those that get the most examples right."""
        return max((self, *self.rounds), key=lambda attempt: attempt.examples_passed or 0)

    @property
    def outcome_by_base(self) -> Outcome:
        """The outcome by the base tests alone; a sample that has no verdict has none by them either."""
        is_lost = self.outcome is Outcome.INFRA_ERROR
        return self.outcome if is_lost or self.base_outcome is None else self.base_outcome

    @property
    def passed_base_only(self) -> bool:
        """Whether it passed the base tests and failed a further one."""
        return self.outcome is not Outcome.PASSED and self.outcome_by_base is Outcome.PASSED


@dataclass(frozen=True)
class ProblemResult:
    """All samples of one problem in one experiment.

    Attributes:
        samples: in the order of their index; they may lie on disk, so each access may read.
        shared: indices of the samples whose program an earlier one has: its verdict is theirs.
        selected: the index of the sample that was chosen, without a look at any verdict; None if none was.
        timeout_s: its time limit in CPU seconds, where each problem has its own; None: the run's.
    """

    task_id: str
    entry_point: str
    samples: Sequence[Sample] = ()
    shared: frozenset[int] = frozenset()
    selected: int | None = None
    timeout_s: float | None = None

    @cached_property
    def figures(self) -> tuple[Sample, ...]:
        """The samples without their texts: all that counting takes, in a few hundred bytes each."""
        return tuple(map(_without_texts, self.samples))

    @property
    def pass_at_1(self) -> float:
        """The share of its samples that passed; 0 where there are none."""
        return sum(sample.outcome is Outcome.PASSED for sample in self.figures) / max(1, len(self.figures))

    @property
    def outcome(self) -> Outcome:
        """The item's outcome: passed if any sample passed, else an infra error if there is one."""
        return _overall([sample.outcome for sample in self.figures])

    @property
    def lacks_a_verdict(self) -> bool:
        """Whether a sample of it has no verdict."""
        return any(sample.outcome is Outcome.INFRA_ERROR for sample in self.figures)

    @property
    def base_outcome(self) -> Outcome:
        """The item's outcome by the base tests alone."""
        return _overall([sample.outcome_by_base for sample in self.figures])


def _without_texts(sample: Sample) -> Sample:
    rounds = tuple(map(_without_texts, sample.rounds))
    return replace(
        sample, raw=None, reasoning=None, solution=None, steps=(), message=None, output="", rounds=rounds
    )


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    for decisive in (Outcome.PASSED, Outcome.INFRA_ERROR):
        if decisive in outcomes:
            return decisive
    return outcomes[0] if outcomes else Outcome.INFRA_ERROR

"""Results: what is kept of each judged draw, and the draws of one problem together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pytest_humaneval.core.records import AppliedStep, Form, Outcome


@dataclass(frozen=True)
class Sample:
    """One draw, judged: everything that a report shows of it."""

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
    # Passed, and would not have without the repair steps.
    repaired: bool = False
    failing_line: int | None = None
    output: str = ""
    # By the base tests alone, where the dataset has further ones.
    base_outcome: Outcome | None = None
    # Failed, and the text had ended before the solution was whole, though not at the length limit.
    stopped_early: bool = False
    # The examples of the prompt itself: how many there are, and how many it gets right; None: not asked.
    examples: int | None = None
    examples_passed: int | None = None
    # The first of them that it fails, for a person.
    failed_example: str | None = None
    # A key of what each call of the probe gave: samples with equal keys behave alike there.
    behaviour: tuple[str, ...] = ()
    mean_logprob: float | None = None
    # What the model thought before it answered, where its server keeps that apart, and how many of the
    # completion's tokens that is; None: nothing, unknown.
    reasoning: str | None = None
    reasoning_tokens: int | None = None
    # Seconds from sending its request to its first token, and to the last one of all that were asked for
    # together; None: unknown, as of everything that was not streamed in this run.
    first_token_s: float | None = None
    generation_s: float | None = None
    # What came of further rounds of repair, each judged like the first.
    rounds: tuple[Sample, ...] = ()

    @property
    def final(self) -> Sample:
        """What is kept after repair: the attempt that gets the most examples right, the first of those."""
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

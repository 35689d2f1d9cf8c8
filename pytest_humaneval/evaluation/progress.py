"""How far a run is: counted by the threads that generate and judge, read by the one that shows it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pytest_humaneval.core.cost import Bill
from pytest_humaneval.core.ports import Traffic
from pytest_humaneval.core.records import Completion, DrawResult, Outcome
from pytest_humaneval.evaluation.time_left import TimeLeft
from pytest_humaneval.reports.progress_text import ProgressState


@dataclass
class Verdicts:
    """Verdicts, counted."""

    judged: int = 0
    passed: int = 0
    errors: int = 0

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """Count some more."""
        for outcome in outcomes:
            self.judged += 1
            self.passed += outcome is Outcome.PASSED
            self.errors += outcome is Outcome.INFRA_ERROR


@dataclass
class Progress:
    """How far a run is, readable from any thread; times are of ``time.monotonic``, in seconds.

    Attributes:
        draws: completions that the run needs.
        done: those that are settled, wherever they came from.
        fresh: those that the provider settled, not the store.
        asking: later repair rounds that are being asked.
        completion_tokens: of the fresh ones, and of later rounds.
        completed: number of completions that are there, by experiment.
        generated: number of those that were generated now, by experiment.
        generated_tokens: ``completion_tokens`` by experiment.
        judged_here: verdicts of this process.
        reported: verdicts that items have reported, the only ones known where workers execute.
        traffic: what the requests of the experiment under way are doing.
        warnings: lines for the summary.
        started_s: when each experiment's generation began.
        generated_s: when it ended.
        bills: what the answers to each experiment's requests cost.
    """

    draws: int = 0
    done: int = 0
    fresh: int = 0
    asking: int = 0
    completion_tokens: int = 0
    completed: Counter[str] = field(default_factory=Counter)
    generated: Counter[str] = field(default_factory=Counter)
    generated_tokens: Counter[str] = field(default_factory=Counter)
    judged_here: Verdicts = field(default_factory=Verdicts)
    reported: Verdicts = field(default_factory=Verdicts)
    traffic: Callable[[], Traffic] = Traffic
    warnings: list[str] = field(default_factory=list)
    started_s: dict[str, float] = field(default_factory=dict)
    generated_s: dict[str, float] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    _time_left: TimeLeft = field(default_factory=TimeLeft)

    @property
    def verdicts(self) -> Verdicts:
        """The verdicts so far: those of this process or, where workers execute, the reported ones."""
        return max(self.judged_here, self.reported, key=lambda verdicts: verdicts.judged)

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to do that is not done."""
        return self.verdicts.judged < self.draws

    def stored(self, experiment: str) -> int:
        """Return how many completions of an experiment came from the store."""
        return self.completed[experiment] - self.generated[experiment]

    def elapsed_s(self) -> float:
        """Return for how long the run has been generating."""
        now_s = time.monotonic()
        return now_s - min(self.started_s.values(), default=now_s)

    def state(self) -> ProgressState:
        """Return how far the run is at this moment."""
        verdicts = self.verdicts
        return ProgressState(
            draws=self.draws,
            done=self.done,
            judged=verdicts.judged,
            passed=verdicts.passed,
            errors=verdicts.errors,
            asking=self.asking,
            traffic=self.traffic(),
            tokens_per_s=self.completion_tokens / max(self.elapsed_s(), 1e-9),
            left_s=self._time_left.estimate_s(
                time.monotonic(),
                self.fresh,
                verdicts.judged,
                self.draws - self.done,
                self.draws - verdicts.judged,
            ),
        )

    def warn(self, warning: str) -> None:
        """Note a line for the summary, once: experiments share what fails."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def count(self, experiment: str, result: DrawResult) -> None:
        """Note one more draw of an experiment that is settled."""
        self.done += 1
        self.completed[experiment] += isinstance(result, Completion)

    def count_asking(self, change: int) -> None:
        """Note that so many more (or fewer) later rounds are being asked."""
        self.asking += change

    def count_fresh(self, experiment: str, result: DrawResult, is_first: bool = True) -> None:
        """Note one more draw of an experiment that the provider, not the store, has settled.

        ``is_first``: it is one of the completions that the run needs, not a later round of one.
        """
        self.fresh += is_first
        if isinstance(result, Completion):
            self.generated[experiment] += is_first
            self.completion_tokens += result.completion_tokens
            self.generated_tokens[experiment] += result.completion_tokens

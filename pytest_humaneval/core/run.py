"""A run: one experiment carried out, with the figures that every report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_humaneval.core.experiment import Experiment
from pytest_humaneval.core.metrics import Tally, interval95, mean_pass_at_k
from pytest_humaneval.core.records import Outcome, ProblemResult, Sample


@dataclass(frozen=True)
class Seconds:
    """How long a run took.

    Attributes:
        generation: wall time from the first request to the last completion.
        execution: the candidates' own time, added up.
        wall: from the first request to the last verdict.
    """

    generation: float = 0.0
    execution: float = 0.0
    wall: float = 0.0


@dataclass(frozen=True)
class Run:
    """One experiment carried out.

    Attributes:
        experiment: what was run.
        results: one for each selected problem that was reached, in the dataset's order.
        selected: how many problems were selected; more than there are results if the run was stopped.
        not_sampled: how many problems of the dataset a samples file has no line for.
        seconds: how long it took.
        manifest: what a reader needs to know to repeat it.
    """

    experiment: Experiment
    results: tuple[ProblemResult, ...]
    selected: int
    not_sampled: int = 0
    seconds: Seconds = Seconds()
    manifest: Mapping[str, object] = field(default_factory=dict)

    @property
    def samples(self) -> list[Sample]:
        """Every sample of every problem."""
        return [sample for result in self.results for sample in result.samples]

    @property
    def outcomes(self) -> dict[str, int]:
        """How many samples ended how, in the order of the outcomes; what did not occur is left out."""
        counts = Counter(sample.outcome for sample in self.samples)
        return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}

    @property
    def tallies(self) -> list[Tally]:
        """(samples, passed samples) of every problem. A sample without a verdict stays in the denominator."""
        return [_tally(result) for result in self.results]

    @property
    def passed(self) -> int:
        """How many problems have a passing sample."""
        return sum(result.outcome is Outcome.PASSED for result in self.results)

    @property
    def undecided(self) -> int:
        """How many samples have no verdict, problems that were never reached counting one each."""
        lost = sum(sample.outcome is Outcome.INFRA_ERROR for sample in self.samples)
        return lost + self.selected - len(self.results)

    @property
    def pass_at(self) -> dict[int, float]:
        """pass@k for every k in 1, 10, 100 (and the number of samples) that the run has samples for."""
        fewest = min((n for n, _ in self.tallies), default=1)
        ks = sorted(k for k in {1, 10, 100, fewest} if k <= fewest)
        return {k: mean_pass_at_k(self.tallies, k) for k in ks}

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of pass@1."""
        return interval95(self.tallies)

    @property
    def repaired(self) -> list[str]:
        """Task ids with a passing sample to which a repair step was applied."""
        return [result.task_id for result in self.results if any(map(_is_repaired_pass, result.samples))]

    @property
    def pass_at_1_format_only(self) -> float:
        """pass@1 of the model's own answers: a pass that took a repair step does not count."""
        tallies = [
            (n, c - sum(map(_is_repaired_pass, result.samples)))
            for result, (n, c) in zip(self.results, self.tallies, strict=True)
        ]
        return mean_pass_at_k(tallies, 1)


def _tally(result: ProblemResult) -> Tally:
    passed = sum(sample.outcome is Outcome.PASSED for sample in result.samples)
    return max(1, len(result.samples)), passed


def _is_repaired_pass(sample: Sample) -> bool:
    return sample.outcome is Outcome.PASSED and any(step.kind == "repair" for step in sample.steps)

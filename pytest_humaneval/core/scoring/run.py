"""A run: one experiment carried out, with the figures that every report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.core.scoring.metrics import Counts, interval95, mean_pass_at_k


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
        repairs: whether the post-processing contains steps that change what the code does.
        not_sampled: how many problems of the dataset a samples file has no line for.
        trained_on: how many problems of the dataset are never scored, since the experiment's soft prompt was
            trained with them: if any, the run's figures are of what it held out.
        seconds: how long it took.
        manifest: what a reader needs to know to repeat it.
    """

    experiment: Experiment
    results: tuple[ProblemResult, ...]
    selected: int
    repairs: bool = False
    not_sampled: int = 0
    trained_on: int = 0
    seconds: Seconds = Seconds()
    manifest: Mapping[str, object] = field(default_factory=dict)

    @property
    def samples(self) -> list[Sample]:
        """Every sample of every problem, without its texts."""
        return [sample for result in self.results for sample in result.figures]

    @property
    def shared(self) -> int:
        """How many samples were not executed, since an earlier one of their problem is the same program."""
        return sum(len(result.shared) for result in self.results)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many samples ended how, in the order of the outcomes; what did not occur is left out."""
        counts = Counter(sample.outcome for sample in self.samples)
        return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}

    @property
    def tallies(self) -> list[Counts]:
        """(samples, passed samples) of every problem. A sample without a verdict stays in the denominator."""
        return [(len(result.figures), _count(result, Outcome.PASSED)) for result in self.results]

    @property
    def scores(self) -> dict[str, Fraction]:
        """pass@1 of every problem by task id, exactly."""
        return {result.task_id: Fraction(c, n) for result, (n, c) in self._tallied}

    @property
    def passed(self) -> int:
        """How many problems have a passing sample."""
        return sum(result.outcome is Outcome.PASSED for result in self.results)

    @property
    def unreached(self) -> int:
        """How many selected problems the run was stopped before."""
        return self.selected - len(self.results)

    @property
    def undecided(self) -> int:
        """How many samples have no verdict, problems that were not reached counting one each."""
        return self.outcomes.get(Outcome.INFRA_ERROR.value, 0) + self.unreached

    @property
    def bounds(self) -> tuple[float, float]:
        """pass@1 if none, and if all, of the samples without a verdict were right."""
        best = [(n, c + _count(result, Outcome.INFRA_ERROR)) for result, (n, c) in self._tallied]
        return mean_pass_at_k(self.tallies, 1), mean_pass_at_k(best, 1)

    @property
    def pass_at(self) -> dict[int, float]:
        """pass@k for 1 and every k asked for (else 10, 100 and the number of samples), if samples suffice."""
        fewest = min((n for n, _ in self.tallies), default=1)
        ks = sorted(k for k in {1, *(self.experiment.k or (10, 100, fewest))} if k <= fewest)
        return {k: mean_pass_at_k(self.tallies, k) for k in ks}

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of pass@1."""
        return interval95(self.tallies)

    @property
    def repaired(self) -> list[str]:
        """Task ids with a sample that passes only thanks to a repair step."""
        return [
            result.task_id for result in self.results if any(sample.repaired for sample in result.figures)
        ]

    @property
    def pass_at_1_format_only(self) -> float:
        """pass@1 of the model's own answers: a pass that took a repair step does not count."""
        own = [(n, c - sum(sample.repaired for sample in result.figures)) for result, (n, c) in self._tallied]
        return mean_pass_at_k(own, 1)

    @property
    def _tallied(self) -> Iterator[tuple[ProblemResult, Counts]]:
        return zip(self.results, self.tallies, strict=True)


def _count(result: ProblemResult, outcome: Outcome) -> int:
    return sum(sample.outcome is outcome for sample in result.figures)

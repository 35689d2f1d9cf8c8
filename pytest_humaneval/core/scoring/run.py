"""A run: one experiment carried out, with the figures shown in every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.cost import Cost
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.curve import Curve, curve
from pytest_humaneval.core.scoring.metrics import Counts, interval95, mean_pass_at_k
from pytest_humaneval.core.scoring.selected import SelectedFigures, selected_figures


@dataclass(frozen=True)
class Seconds:
    """The durations of a run, in seconds.

    Attributes:
        generation: wall time from the first request to the last completion.
        execution: sum of the candidates' own times, without those of later rounds and of examples.
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
        selected: number of selected problems; greater than the number of results if the run was stopped.
        scorable: number of problems of the dataset that the experiment may be scored on, selected or not.
        repairs: whether the post-processing contains steps that change what the code does.
        not_sampled: number of problems in the dataset without a line in the samples file.
        trained_on: number of problems in the dataset that are never scored, since the experiment's
            adapter was trained with them; if there are any, the run's figures are of held-out problems only.
        stored: number of completions that came from the store.
        generated_tokens: number of tokens of the other completions, which were generated in this run, and
            of later rounds that were.
        seconds: its durations.
        is_recorded: whether the completions are recorded samples, of which it is unknown how they were drawn.
        manifest: the settings and versions that are needed to repeat it.
        dataset: the name of the dataset; its hash is in the manifest.
        has_base_tests: whether the dataset has base tests and further ones, so that there are two scores:
            those called ``base`` are by the base tests alone, all others by both.
        shows_tests: whether the dataset's prompts show the very tests that judge.
        cost: what it cost; None where no prices are known, and for recorded samples.
    """

    experiment: Experiment
    results: tuple[ProblemResult, ...]
    selected: int
    scorable: int = 0
    repairs: bool = False
    not_sampled: int = 0
    trained_on: int = 0
    stored: int = 0
    generated_tokens: int = 0
    seconds: Seconds = Seconds()
    is_recorded: bool = False
    manifest: Mapping[str, object] = field(default_factory=dict)
    dataset: str = HUMANEVAL
    has_base_tests: bool = False
    shows_tests: bool = False
    cost: Cost | None = None

    @property
    def dataset_sha256(self) -> str:
        """SHA-256 (hex) of the dataset's content; empty if the manifest does not say it."""
        return str(self.manifest.get("dataset_sha256") or "")

    @property
    def published(self) -> float | None:
        """The score that others report for this setting on this dataset; None if there is none."""
        return self.experiment.published_on(self.dataset)

    @property
    def samples(self) -> list[Sample]:
        """Every sample of every problem, without its texts."""
        return [sample for result in self.results for sample in result.figures]

    @property
    def shared(self) -> int:
        """Number of samples not executed, since an earlier one of their problem has the same program."""
        return sum(len(result.shared) for result in self.results)

    @property
    def outcomes(self) -> dict[str, int]:
        """Number of samples by outcome, in the order of ``Outcome``; without those that did not occur."""
        counts = Counter(sample.outcome for sample in self.samples)
        return {outcome.value: counts[outcome] for outcome in Outcome if counts[outcome]}

    @property
    def counts(self) -> list[Counts]:
        """(samples, passed samples) of every problem. A sample without a verdict stays in the denominator."""
        return [(len(result.figures), _count(result, Outcome.PASSED)) for result in self.results]

    @property
    def scores(self) -> dict[str, Fraction]:
        """pass@1 of every problem by task id, exactly."""
        return {result.task_id: Fraction(c, n) for result, (n, c) in self._counted}

    @property
    def passed(self) -> int:
        """Number of problems with at least one passing sample."""
        return sum(result.outcome is Outcome.PASSED for result in self.results)

    @property
    def unreached(self) -> int:
        """Number of selected problems that a stopped run did not reach."""
        return self.selected - len(self.results)

    @property
    def is_subset(self) -> bool:
        """Whether there are problems of the dataset on which the experiment was not scored."""
        return len(self.results) < self.scorable

    @property
    def undecided(self) -> int:
        """Number of samples without a verdict; a problem that was not reached counts as one."""
        return self.outcomes.get(Outcome.INFRA_ERROR.value, 0) + self.unreached

    @property
    def has_score(self) -> bool:
        """Whether any sample has a verdict; without one there is no score, which is not a score of 0."""
        return any(sample.outcome is not Outcome.INFRA_ERROR for sample in self.samples)

    @property
    def bounds(self) -> tuple[float, float]:
        """pass@1 if none of the samples without a verdict had passed, and if all of them had."""
        best = [(n, c + _count(result, Outcome.INFRA_ERROR)) for result, (n, c) in self._counted]
        return mean_pass_at_k(self.counts, 1), mean_pass_at_k(best, 1)

    @property
    def reachable(self) -> tuple[float, float]:
        """pass@1 of all selected problems if none of what has no verdict yet passes, and if all of it does.

        Unlike ``bounds`` it counts the problems that are not reached, or not yet.
        """
        low, high = self.bounds
        share = len(self.results) / max(1, self.selected)
        return low * share, high * share + 1 - share

    @property
    def pass_at(self) -> dict[int, float]:
        """pass@k for k = 1 and every configured k (by default 10, 100 and n) for which samples suffice."""
        # A stopped run may have problems with fewer samples than n; pass@k needs k of each.
        fewest = min((n for n, _ in self.counts), default=1)
        ks = sorted(k for k in {1, *(self.experiment.k or (10, 100, fewest))} if k <= fewest)
        return {k: mean_pass_at_k(self.counts, k) for k in ks}

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of pass@1."""
        return interval95(self.counts)

    @property
    def base_counts(self) -> list[Counts]:
        """(samples, samples that passed the base tests) of every problem."""
        return [(len(result.figures), _count_base(result)) for result in self.results]

    @property
    def base_scores(self) -> dict[str, Fraction]:
        """pass@1 of every problem by the base tests alone, by task id, exactly."""
        counted = zip(self.results, self.base_counts, strict=True)
        return {result.task_id: Fraction(c, n) for result, (n, c) in counted}

    @property
    def pass_at_1_base(self) -> float | None:
        """pass@1 by the base tests alone; None where there is no such score."""
        return mean_pass_at_k(self.base_counts, 1) if self._has_base_score else None

    @property
    def pass_at_base(self) -> dict[int, float]:
        """pass@k by the base tests alone, for the same k as both have; empty where there is no such score."""
        ks = self.pass_at if self._has_base_score else ()
        return {k: mean_pass_at_k(self.base_counts, k) for k in ks}

    @property
    def base_interval(self) -> tuple[float, float] | None:
        """The 95 % interval of pass@1 by the base tests alone; None where there is no such score."""
        return interval95(self.base_counts) if self._has_base_score else None

    @property
    def base_passed(self) -> int:
        """Number of problems with at least one sample that passed the base tests."""
        return sum(result.base_outcome is Outcome.PASSED for result in self.results)

    @property
    def _has_base_score(self) -> bool:
        return self.has_base_tests and self.has_score

    @property
    def repaired(self) -> list[str]:
        """Task ids with a sample that passes only because of a repair step."""
        return [
            result.task_id for result in self.results if any(sample.repaired for sample in result.figures)
        ]

    @property
    def pass_at_1_format_only(self) -> float:
        """The pass@1 of the model's own answers, without passes that needed a repair step."""
        own = [(n, c - sum(sample.repaired for sample in result.figures)) for result, (n, c) in self._counted]
        return mean_pass_at_k(own, 1)

    @cached_property
    def selected_figures(self) -> SelectedFigures | None:
        """What choosing among the samples came to; None where no choice was made."""
        repair = self.experiment.repair
        rounds = repair.rounds if repair and not self.is_recorded else 0
        return selected_figures(self.results, self.experiment.select, rounds) if self.has_score else None

    @cached_property
    def curve(self) -> Curve | None:
        """Score by number of samples, for each way of choosing; None where no choice was made."""
        return curve(self.results, self.experiment.select) if self.selected_figures else None

    @property
    def _counted(self) -> Iterator[tuple[ProblemResult, Counts]]:
        return zip(self.results, self.counts, strict=True)


def _count_base(result: ProblemResult) -> int:
    return sum(sample.outcome_by_base is Outcome.PASSED for sample in result.figures)


def _count(result: ProblemResult, outcome: Outcome) -> int:
    return sum(sample.outcome is outcome for sample in result.figures)

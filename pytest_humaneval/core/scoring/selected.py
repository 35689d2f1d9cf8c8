"""What choosing one of each problem's samples came to, beside a single sample and beside the best possible.

    selected@1   share of the problems whose chosen sample passed
    one sample   pass@1: the mean over all samples, what one of them without a choice is worth
    first        share of the problems whose first sample passed: the pairs of the test are with it
    oracle       share of the problems with any passing sample: what no choice can exceed

All are of the samples as they are after rounds of repair, where there were any: among those is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.metrics import interval95, mean_pass_at_k
from pytest_humaneval.core.scoring.paired_difference import Difference, difference

Scores = Mapping[str, "Fraction | None"]
"""1 or 0 by task id; None without a verdict."""


@dataclass(frozen=True)
class SelectedFigures:
    """The figures of a choice; the results are those of one run, some of which have a choice.

    Attributes:
        results: of all problems that the run reached.
        ways: how was chosen.
        rounds: how many rounds of repair a sample may have had before; 0 for none.
    """

    results: Sequence[ProblemResult]
    ways: tuple[str, ...]
    rounds: int = 0

    @property
    def fewest(self) -> int:
        """The least number of samples of a problem; one with a single sample counts with that one."""
        return min(len(result.figures) for result in self.results)

    @property
    def most(self) -> int:
        """The greatest number of samples of a problem."""
        return max(len(result.figures) for result in self.results)

    @property
    def of(self) -> str:
        """Among how many was chosen, in words."""
        return str(self.most) if self.fewest == self.most else f"{self.fewest} to {self.most}"

    @property
    def name(self) -> str:
        """What the score is called wherever people read it."""
        return f"selected@1 of {self.of}{self.after}"

    @property
    def after(self) -> str:
        """What the name of a score after rounds of repair ends with; empty without such rounds."""
        return f" after {rounds_text(self.rounds)}" if self.rounds else ""

    @property
    def oracle_name(self) -> str:
        """What the best possible score is called."""
        return f"oracle pass@{self.most}" if self.fewest == self.most else "oracle"

    @cached_property
    def scores(self) -> Scores:
        """Whether the chosen sample of each problem passed."""
        return {result.task_id: _score(chosen(result)) for result in self.results}

    @cached_property
    def base_scores(self) -> Scores:
        """The same by the base tests alone."""
        return {result.task_id: _base_score(chosen(result)) for result in self.results}

    @cached_property
    def first_scores(self) -> Scores:
        """Whether the first sample of each problem passed."""
        return {result.task_id: _score(_first(result)) for result in self.results}

    @property
    def score(self) -> float | None:
        """selected@1; a chosen sample without a verdict counts as failed; None where no one has a verdict."""
        return _mean(self.scores)

    @property
    def base_score(self) -> float | None:
        """selected@1 by the base tests alone; without meaning where the dataset has no further ones."""
        return _mean(self.base_scores)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of selected@1."""
        return interval95([(1, int(score or 0)) for score in self.scores.values()])

    @property
    def base_interval(self) -> tuple[float, float]:
        """The 95 % interval of selected@1 by the base tests alone."""
        return interval95([(1, int(score or 0)) for score in self.base_scores.values()])

    @cached_property
    def undecided(self) -> int:
        """How many problems have a sample that was not judged, or not tried, and might have been chosen."""
        return sum(_is_undecided(result) for result in self.results)

    @property
    def settled_scores(self) -> Scores:
        """The scores, without those of the undecided problems."""
        undecided = {result.task_id for result in self.results if _is_undecided(result)}
        return {task_id: None if task_id in undecided else score for task_id, score in self.scores.items()}

    @property
    def bounds(self) -> tuple[float, float]:
        """selected@1 if every undecided problem had failed, and if every one had passed."""
        total = len(self.results)
        certain = [self.scores[result.task_id] or 0 for result in self.results if not _is_undecided(result)]
        return float(sum(certain) / Fraction(total)), float((sum(certain) + self.undecided) / Fraction(total))

    @property
    def one_sample(self) -> float:
        """pass@1 over all samples; one without a verdict counts as failed."""
        return mean_pass_at_k([(len(result.figures), _passes(result)) for result in self.results], 1)

    @property
    def first(self) -> float | None:
        """pass@1 of the first sample of each problem."""
        return _mean(self.first_scores)

    @property
    def oracle(self) -> float:
        """The share of the problems with any passing sample."""
        return mean_pass_at_k([(1, min(1, _passes(result))) for result in self.results], 1)

    @cached_property
    def difference(self) -> Difference | None:
        """The exact paired test between the first and the chosen sample; None where no pair has verdicts."""
        pairs = list(self._pairs.values())
        return difference(pairs) if pairs else None

    @property
    def gained(self) -> tuple[str, ...]:
        """Task ids whose chosen sample passed, and the first did not."""
        return tuple(task_id for task_id, (first, selected) in self._pairs.items() if selected > first)

    @property
    def lost(self) -> tuple[str, ...]:
        """Task ids whose first sample passed, and the chosen one did not."""
        return tuple(task_id for task_id, (first, selected) in self._pairs.items() if selected < first)

    @property
    def without_examples(self) -> int:
        """How many problems show no example that could be run."""
        return sum(not any(sample.examples for sample in result.figures) for result in self.results)

    @property
    def samples(self) -> int:
        """How many answers were drawn, those of rounds of repair too."""
        return len(self._drawn)

    @property
    def prompt_tokens(self) -> int:
        """How many tokens the model read for them; 0 if unknown."""
        return sum(sample.prompt_tokens for sample in self._drawn)

    @property
    def completion_tokens(self) -> int:
        """How many tokens the model wrote for them; 0 if unknown."""
        return sum(sample.completion_tokens for sample in self._drawn)

    @cached_property
    def _drawn(self) -> Sequence[Sample]:
        samples = (sample for result in self.results for sample in result.figures)
        return [drawn for sample in samples for drawn in (sample, *sample.rounds)]

    @cached_property
    def _pairs(self) -> Mapping[str, tuple[Fraction, Fraction]]:
        both = {task_id: (first, self.scores[task_id]) for task_id, first in self.first_scores.items()}
        return {
            task_id: (first, selected)
            for task_id, (first, selected) in both.items()
            if first is not None and selected is not None
        }


def selected_figures(
    results: Sequence[ProblemResult], ways: tuple[str, ...], rounds: int = 0
) -> SelectedFigures | None:
    """Return the figures of a choice; None where none was made, as with one sample of each problem.

    Args:
        results: of the problems.
        ways: how was chosen.
        rounds: how many rounds of repair a sample may have had; where that is unknown, the most that one had.
    """
    if all(result.selected is None for result in results):
        return None
    had = max(len(sample.rounds) for result in results for sample in result.figures)
    return SelectedFigures(results, ways, rounds or had)


def rounds_text(rounds: int) -> str:
    """Return a number of rounds of repair in words."""
    return f"{rounds} repair {'round' if rounds == 1 else 'rounds'}"


def chosen(result: ProblemResult) -> Sample | None:
    """Return the chosen sample of a problem, or its only one; None where there are several and no choice."""
    if result.selected is not None:
        return result.figures[result.selected].final
    return result.figures[0].final if len(result.figures) == 1 else None


def _first(result: ProblemResult) -> Sample | None:
    return result.figures[0].final if result.figures else None


def _passes(result: ProblemResult) -> int:
    return sum(sample.final.outcome is Outcome.PASSED for sample in result.figures)


def _is_undecided(result: ProblemResult) -> bool:
    is_lost = any(sample.final.outcome is Outcome.INFRA_ERROR for sample in result.figures)
    return is_lost or chosen(result) is None


def _score(sample: Sample | None) -> Fraction | None:
    if sample is None or sample.outcome is Outcome.INFRA_ERROR:
        return None
    return Fraction(sample.outcome is Outcome.PASSED)


def _base_score(sample: Sample | None) -> Fraction | None:
    if sample is None or sample.outcome is Outcome.INFRA_ERROR:
        return None
    return Fraction(sample.outcome_by_base is Outcome.PASSED)


def _mean(scores: Scores) -> float | None:
    if all(score is None for score in scores.values()):
        return None
    return float(sum((score or Fraction() for score in scores.values()), Fraction()) / len(scores))

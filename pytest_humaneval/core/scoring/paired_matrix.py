"""Every two experiments of a dataset compared, with p-values adjusted for the number of comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Comparison, compare
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE
from pytest_humaneval.core.scoring.paired_difference import SIGNIFICANCE
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.study import holm

MOST_EXPERIMENTS = 20
"""More than these on one dataset are not compared: their pairs would be more than anybody reads."""

# Several samples for each problem make a comparison a hundred times slower: a bootstrap instead of a formula.
_MOST_SAMPLED = 10


@dataclass(frozen=True)
class ComparedPair:
    """Two experiments, the later one in the list as the newer.

    Attributes:
        newer: the experiment that is compared.
        older: what it is compared with.
        comparison: the paired difference of pass@1.
        adjusted_p: its p-value, adjusted for the number of pairs of the matrix by Holm's method.
        of_pairs: that number.
    """

    newer: str
    older: str
    comparison: Comparison
    adjusted_p: float
    of_pairs: int

    @property
    def winner(self) -> str | None:
        """The experiment with the higher score; None where the difference is not significant."""
        if self.adjusted_p >= SIGNIFICANCE:
            return None
        return self.newer if self.comparison.delta > 0 else self.older


@dataclass(frozen=True)
class PairedMatrix:
    """The comparisons of all experiments of one dataset.

    Attributes:
        dataset: the dataset's name.
        experiments: those with a score, in their order.
        pairs: each two of them; empty where there are too many, see ``most``.
        most: how many experiments would have been compared.
    """

    dataset: str
    experiments: tuple[str, ...]
    pairs: tuple[ComparedPair, ...]
    most: int


def paired_matrices(runs: Iterable[Run]) -> list[PairedMatrix]:
    """Return a matrix for each dataset of which two experiments have a score."""
    by_dataset: dict[str, list[Run]] = {}
    for run in runs:
        if run.has_score:
            by_dataset.setdefault(run.dataset_sha256, []).append(run)
    return [_matrix(each) for each in by_dataset.values() if len(each) > 1]


def _matrix(runs: Sequence[Run]) -> PairedMatrix:
    has_one_sample_each = all(n == 1 for run in runs for n, _ in run.counts)
    most = MOST_EXPERIMENTS if has_one_sample_each else _MOST_SAMPLED
    pairs = tuple(_pairs(runs)) if len(runs) <= most else ()
    return PairedMatrix(runs[0].dataset, tuple(run.experiment.name for run in runs), pairs, most)


def _pairs(runs: Sequence[Run]) -> Iterator[ComparedPair]:
    pairs = list(combinations(map(_judged, runs), 2))
    found = [compare(newer, Baseline(older.scores), ONE_SAMPLE) for older, newer in pairs]
    adjusted = holm([comparison.p_value for comparison in found])
    for (older, newer), comparison, p_value in zip(pairs, found, adjusted, strict=True):
        yield ComparedPair(newer.experiment.name, older.experiment.name, comparison, p_value, len(pairs))


def _judged(run: Run) -> Run:
    """Return a run without the problems that lack the verdict on a sample: these have no score to compare."""
    return replace(run, results=tuple(each for each in run.results if not each.lacks_a_verdict))

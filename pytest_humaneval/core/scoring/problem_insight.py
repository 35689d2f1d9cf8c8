"""What the problems of several experiments tell: which nobody solves, which are unstable, which are hard.

A problem without a verdict on one of its samples tells nothing in that experiment, and is left out there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pytest_humaneval.core.scoring.metrics import Counts, wilson95
from pytest_humaneval.core.scoring.run import Run

ProblemKey = tuple[str, str]
"""Task id and entry point: two datasets may call different problems by one id."""

_FEWEST_FOR_LENGTHS = 20
_MOST_EXAMPLES = 5


@dataclass(frozen=True)
class JudgedProblem:
    """One problem in all experiments that have a verdict on each of its samples.

    Attributes:
        key: task id and entry point.
        counts: (samples, passed samples) by experiment's name; at least one.
    """

    key: ProblemKey
    counts: Mapping[str, Counts]

    @property
    def is_unsolved(self) -> bool:
        """Whether no sample of any experiment passed."""
        return not any(passed for _, passed in self.counts.values())

    @property
    def share(self) -> Fraction:
        """How often it is solved: the mean of its pass@1 over the experiments."""
        return sum((Fraction(c, n) for n, c in self.counts.values()), Fraction()) / len(self.counts)

    @property
    def least_stable(self) -> str:
        """The experiment in which its share of passed samples is closest to one half; of equals the first."""
        return min(self.counts, key=lambda name: abs(self._share_in(name) - Fraction(1, 2)))

    @property
    def instability(self) -> Fraction:
        """The variance of one sample in that experiment: 1/4 if half of them passed, 0 if all agree."""
        share = self._share_in(self.least_stable)
        return share * (1 - share)

    def _share_in(self, experiment: str) -> Fraction:
        n, passed = self.counts[experiment]
        return Fraction(passed, n)


@dataclass(frozen=True)
class Group:
    """Problems that are alike in something.

    Attributes:
        low: the least value of what they are alike in.
        high: the greatest.
        problems: how many they are.
        share: mean over the problems of how often each is solved.
        interval: the 95 % interval of that over the problems, Wilson's as in ``metrics.interval95``.
    """

    low: int
    high: int
    problems: int
    share: float
    interval: tuple[float, float]


def judged_problems(runs: Iterable[Run]) -> list[JudgedProblem]:
    """Return the problems of these runs that have a verdict on each of their samples in any of them."""
    counts: dict[ProblemKey, dict[str, Counts]] = {}
    for run in runs:
        for result, (n, passed) in zip(run.results, run.counts, strict=True):
            if n and not result.lacks_a_verdict:
                counts.setdefault((result.task_id, result.entry_point), {})[run.experiment.name] = n, passed
    return [JudgedProblem(key, own) for key, own in counts.items()]


def unstable(problems: Iterable[JudgedProblem]) -> list[JudgedProblem]:
    """Return the problems whose samples do not agree in an experiment, the least stable first."""
    return sorted(
        (problem for problem in problems if problem.instability), key=lambda each: -each.instability
    )


def by_length(problems: Iterable[JudgedProblem], lengths: Mapping[ProblemKey, int]) -> list[Group]:
    """Return four groups of about as many problems each, from short to long.

    Problems of one length are in one group, so there may be fewer groups. None of fewer than 20 problems.

    Args:
        problems: those of unknown length are left out.
        lengths: the length of each problem's prompt.
    """
    known = sorted(lengths[problem.key] for problem in problems if problem.key in lengths)
    if len(known) < _FEWEST_FOR_LENGTHS:
        return []
    ends = sorted({known[len(known) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)})
    return _groups(problems, lengths, lambda length: bisect_left(ends, length))


def by_examples(problems: Iterable[JudgedProblem], examples: Mapping[ProblemKey, int]) -> list[Group]:
    """Return a group for each number of examples in the prompt, the last one of five and more.

    Args:
        problems: those whose number is unknown are left out.
        examples: how many examples each problem's prompt has.
    """
    return _groups(problems, examples, lambda number: min(_MOST_EXAMPLES, number))


def _groups(
    problems: Iterable[JudgedProblem], values: Mapping[ProblemKey, int], group_of: Callable[[int], int]
) -> list[Group]:
    """Return the groups in their order; none where all problems are in one."""
    found: dict[int, list[JudgedProblem]] = {}
    for problem in problems:
        if problem.key in values:
            found.setdefault(group_of(values[problem.key]), []).append(problem)
    return [_group(found[place], values) for place in sorted(found)] if len(found) > 1 else []


def _group(problems: Sequence[JudgedProblem], values: Mapping[ProblemKey, int]) -> Group:
    total = sum((problem.share for problem in problems), Fraction())
    measured = [values[problem.key] for problem in problems]
    interval = wilson95(total, len(problems))
    return Group(min(measured), max(measured), len(problems), float(total / len(problems)), interval)

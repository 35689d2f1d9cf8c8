"""Score against budget: what each way of choosing comes to among k of the n samples that there are.

    k   samples that a user would pay for     1 <= k <= n

Unbiased as pass@k is: each subset of k samples is equally likely (Chen et al. 2021, arXiv:2107.03374).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.expected_choice import Judged, expected_scores
from pytest_humaneval.core.scoring.metrics import pass_at_k
from pytest_humaneval.core.selection.choosing import Attempt

ORACLE = "oracle"
"""The name of the best that any choice could do."""

_BUDGETS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000)
_EVERY_BUDGET_UP_TO = 10
_WAYS = (("examples",), ("vote",), ("examples", "vote"), ("likelihood",))


@dataclass(frozen=True)
class Curve:
    """Score by budget.

    Attributes:
        budgets: the numbers of samples of a problem, k, in order.
        scores: of each way, by its name, a score (0 to 1) for each budget; ``oracle`` is the last.
        prompt_tokens: of one sample on average, with its rounds of repair; 0 if unknown.
        completion_tokens: the same of what the model wrote.
    """

    budgets: tuple[int, ...]
    scores: Mapping[str, tuple[float, ...]]
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0

    def tokens(self, k: int) -> float:
        """Return how many tokens k samples of a problem cost on average, read and written; 0 if unknown."""
        return k * (self.prompt_tokens + self.completion_tokens)


def curve(results: Sequence[ProblemResult], ways: tuple[str, ...] = ()) -> Curve | None:
    """Return the curve of a run; None where no sample was tried on examples, or a problem has just one.

    Args:
        results: of the problems; the largest k is the number of samples of the one that has the fewest.
        ways: those of the run, which have a line of their own where they are not among the usual ones.
    """
    n = min((len(result.figures) for result in results), default=0)
    samples = [sample for result in results for sample in result.figures]
    if n < 2 or all(sample.final.examples is None for sample in samples):
        return None
    budgets, problems = _budgets(n), {result.task_id: _judged(result) for result in results}
    lines = {
        ",".join(each): _means(expected_scores(one, each, budgets, seed) for seed, one in problems.items())
        for each in _usable(ways, samples)
    }
    # The first of samples that come in any order is one sample by chance.
    single = _means([_passes(one) / len(one)] * len(budgets) for one in problems.values())
    oracle = _means([pass_at_k(len(one), _passes(one), k) for k in budgets] for one in problems.values())
    drawn = [each for sample in samples for each in (sample, *sample.rounds)]
    return Curve(
        budgets,
        {"first": single, **lines, ORACLE: oracle},
        sum(each.prompt_tokens for each in drawn) / len(samples),
        sum(each.completion_tokens for each in drawn) / len(samples),
    )


def _budgets(n: int) -> tuple[int, ...]:
    if n <= _EVERY_BUDGET_UP_TO:
        return tuple(range(1, n + 1))
    return tuple(sorted({n, *(k for k in _BUDGETS if k <= n)}))


def _usable(ways: tuple[str, ...], samples: Sequence[Sample]) -> Iterator[tuple[str, ...]]:
    """Yield the usual ways and these, without those for which not all samples are known well enough."""
    has_likelihood = all(sample.final.mean_logprob is not None for sample in samples)
    # ``first``, and what stands after it, is chance among samples that come in any order.
    before_first = ways[: ways.index("first")] if "first" in ways else ways
    for each in dict.fromkeys((*_WAYS, before_first)):
        if each and (has_likelihood or "likelihood" not in each):
            yield each


def _judged(result: ProblemResult) -> list[Judged]:
    return [(Attempt.of(sample), sample.final.outcome is Outcome.PASSED) for sample in result.figures]


def _passes(problem: Sequence[Judged]) -> int:
    return sum(passed for _, passed in problem)


def _means(problems: Iterable[Sequence[float]]) -> tuple[float, ...]:
    """Return the mean over the problems, for each budget."""
    return tuple(map(fmean, zip(*problems, strict=True)))

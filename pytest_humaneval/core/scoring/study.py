"""Which factor of a study moved the score: each further level of a factor against its first one.

A level and the first one are compared in every combination of the other factors that has both. The scores
of a problem are averaged over these combinations before they are compared, so that a problem counts once,
however many combinations there are: its answers in them are not independent. The averages are compared by the
exact paired test of ``paired_difference``. Since a study makes several comparisons, their p-values are
adjusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pytest_humaneval.core.config.studies import Place
from pytest_humaneval.core.scoring.baseline import Scores, baseline_of
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE, SELECTED
from pytest_humaneval.core.scoring.paired_difference import SIGNIFICANCE, Difference, Pair, difference
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class Effect:
    """A level of a factor compared with the first one.

    Attributes:
        factor: the factor.
        level: the level.
        against: the level that it is compared with: the first one of those that were run.
        combinations: how many combinations of the other factors have both levels.
        problems: how many problems were judged in all of these combinations.
        reference: mean score of the first level.
        score: mean score of this level.
        found: the paired difference of the two; None where nothing could be compared.
        adjusted_p: the p-value adjusted for the number of comparisons; 1 where nothing could be compared.
    """

    factor: str
    level: str
    against: str
    combinations: int
    problems: int = 0
    reference: float = 0.0
    score: float = 0.0
    found: Difference | None = None
    adjusted_p: float = 1.0

    @property
    def is_distinguishable(self) -> bool:
        """Whether the level moved the score: the difference is significant after the adjustment."""
        return self.found is not None and self.adjusted_p < SIGNIFICANCE


@dataclass(frozen=True)
class Study:
    """What a study found: its effects in the order of its matrix.

    Attributes:
        name: the study's name.
        score: what is compared: ``selected@1`` where the gates of all its experiments are on that, else
            ``pass@1``.
        experiments: how many of its experiments were run.
        effects: one for each further level of each factor.
    """

    name: str
    score: str
    experiments: int
    effects: tuple[Effect, ...]

    @property
    def comparisons(self) -> int:
        """For how many comparisons the p-values are adjusted."""
        return sum(effect.found is not None for effect in self.effects)


_Judged = tuple[Place, Scores]


def studies_of(runs: Iterable[Run]) -> list[Study]:
    """Return the studies that runs belong to, of those of which two levels of a factor were run."""
    parts: dict[str, list[Run]] = {}
    for run in runs:
        if run.experiment.place is not None:
            parts.setdefault(run.experiment.place.study, []).append(run)
    found = [_study(name, part) for name, part in parts.items()]
    return [study for study in found if study.effects]


def _study(name: str, runs: Sequence[Run]) -> Study:
    is_on_selected = all(run.experiment.gate_on == SELECTED for run in runs)
    judged = [(run.experiment.place, _scores(run, is_on_selected)) for run in runs if run.experiment.place]
    effects = tuple(_adjusted(list(_effects(judged))))
    return Study(name, SELECTED if is_on_selected else ONE_SAMPLE, len(runs), effects)


def _scores(run: Run, is_on_selected: bool) -> Scores:
    baseline = baseline_of(run.results, {}, "")
    return baseline.selected_scores if is_on_selected else baseline.scores


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, so that few of many are below 0.05 by chance.

    The i-th smallest of m is multiplied by m - i + 1, and never smaller than a smaller one is.
    Source: Holm 1979, Scandinavian Journal of Statistics 6 (2), 65-70.
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted


def _adjusted(effects: Sequence[Effect]) -> Iterator[Effect]:
    adjusted = iter(holm([effect.found.p_value for effect in effects if effect.found]))
    for effect in effects:
        yield replace(effect, adjusted_p=next(adjusted)) if effect.found else effect


def _effects(judged: Sequence[_Judged]) -> Iterator[Effect]:
    for factor, levels in judged[0][0].factors.items():
        there = {place.levels[factor] for place, _ in judged}
        against, *further = [level for level in levels if level in there]
        for level in further:
            yield _effect(factor, level, against, judged)


def _effect(factor: str, level: str, against: str, judged: Sequence[_Judged]) -> Effect:
    before, now = (_by_others(factor, each, judged) for each in (against, level))
    both = [(before[others], now[others]) for others in before if others in now]
    pairs = _pairs(both)
    if not pairs:
        return Effect(factor, level, against, len(both))
    reference, score = (sum(scores, Fraction()) / len(pairs) for scores in zip(*pairs, strict=True))
    return Effect(
        factor, level, against, len(both), len(pairs), float(reference), float(score), difference(pairs)
    )


def _by_others(factor: str, level: str, judged: Sequence[_Judged]) -> dict[tuple[str, ...], Scores]:
    """Return the scores of the experiments with a level, by their levels of the other factors."""
    return {
        tuple(text for other, text in place.levels.items() if other != factor): scores
        for place, scores in judged
        if place.levels[factor] == level
    }


def _pairs(combinations: Sequence[tuple[Scores, Scores]]) -> list[Pair]:
    """Return the mean scores of each problem that has one in every combination."""
    pairs = []
    for task_id in combinations[0][0] if combinations else ():
        scores = [(before.get(task_id), now.get(task_id)) for before, now in combinations]
        kept = [(before, now) for before, now in scores if before is not None and now is not None]
        if len(kept) == len(scores):
            before, now = (sum(each, Fraction()) / len(kept) for each in zip(*kept, strict=True))
            pairs.append((before, now))
    return pairs

"""The page's section of insight: what the problems of all experiments tell together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.scoring.problem_insight import (
    Group,
    JudgedProblem,
    ProblemKey,
    by_examples,
    by_length,
    judged_problems,
    unstable,
)
from pytest_humaneval.core.scoring.rank_correlation import rank_correlation
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.selection.examples import read_examples
from pytest_humaneval.reports.counted import counted
from pytest_humaneval.reports.html.links import card_link, outcome_link
from pytest_humaneval.reports.html.matrix_table import MINUS


@dataclass(frozen=True)
class ProblemLink:
    """A link to a problem's card, with a few words about the problem, and fewer beside its name."""

    task_id: str
    href: str
    note: str
    short: str = ""


@dataclass(frozen=True)
class FailureCount:
    """How many samples of an experiment failed in one way, their share of all, and where they are shown."""

    count: int
    share: float
    href: str


@dataclass(frozen=True)
class FailureTable:
    """The failures of each experiment, by outcome; its counts are in the order of ``outcomes``."""

    outcomes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[FailureCount, ...]], ...]


@dataclass(frozen=True)
class Grouping:
    """How often problems are solved, by something that they are alike in.

    Attributes:
        title: what that is.
        heading: of the groups' labels.
        groups: each with its label.
        conclusion: the rank correlation in words; empty where there is none.
    """

    title: str
    heading: str
    groups: tuple[tuple[str, Group], ...]
    conclusion: str


@dataclass(frozen=True)
class Insight:
    """The content of the section; whatever says nothing is empty.

    Attributes:
        experiments: number of experiments.
        problems: number of problems with a verdict in any of them.
        unsolved: the problems that no experiment solves.
        unstable: those whose samples disagree, the least stable first.
        failures: None for a single experiment, whose outcomes are in the overview.
        groupings: by the prompt's length, and by its number of examples.
    """

    experiments: int
    problems: int
    unsolved: tuple[ProblemLink, ...]
    unstable: tuple[ProblemLink, ...]
    failures: FailureTable | None
    groupings: tuple[Grouping, ...]


def insight(runs: Sequence[Run], prompts: Mapping[ProblemKey, Problem]) -> Insight | None:
    """Return the section's content; None where it says nothing.

    Args:
        runs: the experiments.
        prompts: the problems whose text is known.
    """
    problems = judged_problems(runs)
    keys = {(result.task_id, result.entry_point) for run in runs for result in run.results}
    times = Counter(task_id for task_id, _ in keys)
    found = Insight(
        len(runs),
        len(problems),
        tuple(_unsolved(problems, times)),
        tuple(_unstable(problems, times)),
        _failures(runs) if len(runs) > 1 else None,
        tuple(_groupings(problems, prompts)),
    )
    return found if found.unsolved or found.unstable or found.failures or found.groupings else None


def _unsolved(problems: Iterable[JudgedProblem], times: Mapping[str, int]) -> Iterator[ProblemLink]:
    for problem in problems:
        if problem.is_unsolved:
            samples = sum(n for n, _ in problem.counts.values())
            note = f"{problem.key[1]}: 0 of {counted(samples, 'sample')}"
            yield ProblemLink(problem.key[0], _href(problem, next(iter(problem.counts)), times), note)


def _unstable(problems: Iterable[JudgedProblem], times: Mapping[str, int]) -> Iterator[ProblemLink]:
    for problem in unstable(problems):
        experiment = problem.least_stable
        n, passed = problem.counts[experiment]
        short = f"{passed} of {n}"
        note = f"{problem.key[1]}: {short} in {experiment}"
        yield ProblemLink(problem.key[0], _href(problem, experiment, times), note, short)


def _href(problem: JudgedProblem, experiment: str, times: Mapping[str, int]) -> str:
    return card_link(problem.key, experiment, is_unique=times[problem.key[0]] == 1)


def _failures(runs: Sequence[Run]) -> FailureTable | None:
    counts = [(run.experiment.name, run.outcomes, max(1, len(run.samples))) for run in runs]
    outcomes = [
        outcome.value
        for outcome in Outcome
        if outcome is not Outcome.PASSED and any(outcome.value in found for _, found, _ in counts)
    ]
    rows = tuple(
        (
            name,
            tuple(
                FailureCount(found.get(each, 0), found.get(each, 0) / total, outcome_link(each, name))
                for each in outcomes
            ),
        )
        for name, found, total in counts
    )
    return FailureTable(tuple(outcomes), rows) if outcomes else None


def _groupings(
    problems: Sequence[JudgedProblem], prompts: Mapping[ProblemKey, Problem]
) -> Iterator[Grouping]:
    known = [problem for problem in problems if problem.key in prompts]
    if len({problem.share for problem in known}) < 2:
        # Where all are equally hard there is nothing to explain.
        return
    texts = {problem.key: prompts[problem.key] for problem in known}
    lengths = {key: len(each.prompt) + len(each.suffix) for key, each in texts.items()}
    yield from _grouping("length of the prompt", "characters", known, lengths, by_length(known, lengths))
    examples = {key: len(read_examples(each.stub)) for key, each in texts.items()}
    title = "number of examples in the prompt"
    yield from _grouping(title, "examples", known, examples, by_examples(known, examples))


def _grouping(
    title: str,
    heading: str,
    problems: Sequence[JudgedProblem],
    values: Mapping[ProblemKey, int],
    groups: Sequence[Group],
) -> Iterator[Grouping]:
    if groups:
        labelled = tuple((_label(group), group) for group in groups)
        yield Grouping(f"Solved, by {title}", heading, labelled, _conclusion(heading, problems, values))


def _label(group: Group) -> str:
    return f"{group.low:,}" if group.low == group.high else f"{group.low:,} to {group.high:,}"


def _conclusion(heading: str, problems: Sequence[JudgedProblem], values: Mapping[ProblemKey, int]) -> str:
    found = rank_correlation(
        [values[problem.key] for problem in problems], [float(problem.share) for problem in problems]
    )
    if found is None:
        return ""
    low, high = (f"{end:+.2f}" for end in found.interval)
    figures = f"{found.rho:+.2f}, 95 % interval {low} to {high}".replace("-", MINUS)
    meaning = "no proof of a cause" if found.is_distinguishable else "not distinguishable from none"
    return (
        f"Spearman's rank correlation of {heading} and share solved: {figures}, over {found.count} problems; "
        f"{meaning}."
    )

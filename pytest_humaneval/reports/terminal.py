"""The terminal summary: notes that a reader must not overlook, and a table of the experiments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.extraction import STEPS, Step, has_repairs
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.cautions import HELD_OUT, run_notes, slowest
from pytest_humaneval.reports.comparison_text import comparison_lines
from pytest_humaneval.reports.score_text import BASE, base_cell, score_cells
from pytest_humaneval.reports.table import aligned, fitted

_HEADINGS = (
    "experiment",
    "dataset",
    "pass@1",
    BASE,
    "95% interval",
    "passed",
    "published",
    "tokens/s",
    "candidates/s",
    "wall",
)
_ALWAYS = ("experiment", "pass@1")
_UNKNOWN = "-"
_NO_BREAK = "\u00a0"
_REPAIRS = "*"
_REPAIRS_NOTE = f"{_REPAIRS} its post-processing has repair steps, which change what the code does"


def run_table(runs: Sequence[Run], width: int) -> list[str]:
    """Return the table of the runs as lines of at most that width, without columns that nothing is known of.

    Outcomes are a column where they fit, and else lines below the figures; no line is broken inside a word.
    """
    outcomes = [
        ", ".join(f"{count} {outcome}" for outcome, count in run.outcomes.items()) or _UNKNOWN for run in runs
    ]
    # Of a single one the title says it.
    has_several = len({run.dataset for run in runs}) > 1
    columns = [*zip(_HEADINGS, *(_row(run, has_several) for run in runs), strict=True)]
    known = (column for column in columns if column[0] in _ALWAYS or set(column[1:]) != {_UNKNOWN})
    figures = [*zip(*known, strict=True)]
    one_line_each = aligned(
        [(*row, cell) for row, cell in zip(figures, ["outcomes", *outcomes], strict=True)]
    )
    if max(map(len, one_line_each)) <= width:
        return one_line_each
    headings, *rows = fitted(figures, width)
    below = [_wrapped(text, width) for text in outcomes]
    return [*headings, *(line for both in zip(rows, below, strict=True) for lines in both for line in lines)]


def _wrapped(outcomes: str, width: int) -> list[str]:
    """Return the lines below a run's figures, each count on the line of its word."""
    bound = outcomes.replace(", ", ",\n").replace(" ", _NO_BREAK).replace("\n", " ")
    lines = textwrap.wrap(bound, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def experiment_table(experiments: Sequence[Experiment], steps: Mapping[str, Step] = STEPS) -> list[str]:
    """Return the list of experiments as lines; ``steps`` are those that they can name."""
    headings = ("name", "enabled", "api", "strategy", "post-processing", "model")
    rows = [
        (
            experiment.name,
            "yes" if experiment.enabled else "no",
            experiment.api if experiment.strategy else "-",
            experiment.strategy or "-",
            _postprocess_name(experiment, steps) if experiment.strategy else "-",
            experiment.model,
        )
        for experiment in experiments
    ]
    lines = aligned([headings, *rows])
    return [*lines, _REPAIRS_NOTE] if any(_REPAIRS in row[4] for row in rows) else lines


def notes(runs: Sequence[Run], comparisons: Mapping[str, Comparison]) -> Iterator[str]:
    """Yield the notes beside the table: missing verdicts, repaired passes, comparisons with baselines."""
    if any(run.repairs for run in runs):
        yield _REPAIRS_NOTE
    for run in runs:
        name = run.experiment.name
        yield from run_notes(run)
        if run.repaired:
            yield (
                f"{name}: {len(run.repaired)} pass only after repair steps ({', '.join(run.repaired)}); "
                f"the model's own pass@1 is {run.pass_at_1_format_only:.1%}"
            )
        if run.stored:
            yield f"{name}: {run.stored} of {len(run.samples)} completions from the store"
        yield from _shared_lines(run)
        if run.has_score and run.pass_at.keys() - {1}:
            yield f"{name}: " + ", ".join(f"pass@{k} {value:.1%}" for k, value in run.pass_at.items())
    yield from slowest(runs)
    for name, comparison in comparisons.items():
        yield from comparison_lines(name, comparison)


def _shared_lines(run: Run) -> Iterator[str]:
    if run.shared:
        yield (
            f"{run.experiment.name}: {len(run.samples) - run.shared} of {len(run.samples)} samples executed; "
            f"the others are the same program as one of these and share its verdict"
        )


def marked_name(run: Run) -> str:
    """Return a run's name followed by the marks that the notes explain."""
    marks = ((_REPAIRS, run.repairs), (HELD_OUT, run.trained_on))
    return " ".join([run.experiment.name, *(mark for mark, applies in marks if applies)])


def _row(run: Run, with_dataset: bool) -> tuple[str, ...]:
    published = run.published
    score, interval, passed = score_cells(run)
    return (
        marked_name(run),
        run.dataset if with_dataset else _UNKNOWN,
        score,
        base_cell(run),
        interval,
        passed,
        _UNKNOWN if published is None else f"{published:.1%}",
        _rate(run.generated_tokens, run.seconds.generation),
        _rate(len(run.samples), run.seconds.wall),
        f"{run.seconds.wall:.1f} s",
    )


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}" if count and seconds > 0 else _UNKNOWN


def _postprocess_name(experiment: Experiment, steps: Mapping[str, Step]) -> str:
    postprocess = experiment.postprocess
    name = postprocess if isinstance(postprocess, str) else "+".join(postprocess)
    return f"{name} {_REPAIRS}" if has_repairs(postprocess, steps) else name

"""The terminal summary: a table of the experiments, and notes that a reader must not overlook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.extraction import has_repairs
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.cautions import HELD_OUT, cautions, slowest
from pytest_humaneval.reports.comparison_text import comparison_lines
from pytest_humaneval.reports.score_text import score_cells
from pytest_humaneval.reports.table import aligned

_HEADINGS = (
    "experiment",
    "pass@1",
    "95% interval",
    "passed",
    "published",
    "tokens/s",
    "candidates/s",
    "wall",
    "outcomes",
)
_REPAIRS = "*"
_REPAIRS_NOTE = f"{_REPAIRS} its post-processing has repair steps, which change what the code does"


def run_table(runs: Sequence[Run]) -> list[str]:
    """Return the table of the runs as lines."""
    return aligned([_HEADINGS, *map(_row, runs)])


def experiment_table(experiments: Sequence[Experiment]) -> list[str]:
    """Return the list of experiments as lines."""
    headings = ("name", "enabled", "api", "strategy", "post-processing", "model")
    rows = [
        (
            experiment.name,
            "yes" if experiment.enabled else "no",
            experiment.api if experiment.strategy else "-",
            experiment.strategy or "-",
            _postprocess_name(experiment) if experiment.strategy else "-",
            experiment.model,
        )
        for experiment in experiments
    ]
    lines = aligned([headings, *rows])
    return [*lines, _REPAIRS_NOTE] if any(_REPAIRS in row[4] for row in rows) else lines


def notes(runs: Sequence[Run], comparisons: Mapping[str, Comparison]) -> Iterator[str]:
    """Yield the notes below the table: missing verdicts, repaired passes, comparisons with baselines."""
    if any(run.repairs for run in runs):
        yield _REPAIRS_NOTE
    for run in runs:
        name = run.experiment.name
        yield from cautions(run)
        if run.repaired:
            yield (
                f"{name}: {len(run.repaired)} pass only after repair steps ({', '.join(run.repaired)}); "
                f"the model's own pass@1 is {run.pass_at_1_format_only:.1%}"
            )
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


def _row(run: Run) -> tuple[str, ...]:
    tokens = sum(sample.completion_tokens for sample in run.samples)
    published = run.experiment.published
    return (
        marked_name(run),
        *score_cells(run),
        "-" if published is None else f"{published:.1%}",
        _rate(tokens, run.seconds.generation),
        _rate(len(run.samples), run.seconds.wall),
        f"{run.seconds.wall:.1f} s",
        ", ".join(f"{count} {name}" for name, count in run.outcomes.items()),
    )


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:,.0f}" if count and seconds > 0 else "-"


def _postprocess_name(experiment: Experiment) -> str:
    postprocess = experiment.postprocess
    name = postprocess if isinstance(postprocess, str) else "+".join(postprocess)
    return f"{name} {_REPAIRS}" if has_repairs(postprocess) else name

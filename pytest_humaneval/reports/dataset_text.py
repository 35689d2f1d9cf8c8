"""Datasets and tests in words: what stands over the figures of a run, and what judged a candidate."""

from __future__ import annotations

import marshal
from collections.abc import Iterable

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.problem import Cases, Problem

_TITLES = {HUMANEVAL: "HumanEval"}
_RULES = {
    "equal": "the result must equal the reference's",
    "set": "the result must equal the reference's as a set",
    "not_none": "the result must say whether there is an answer, as the reference's does",
    "root": "the result must be a root of the polynomial",
    "anything": "the result may be anything",
    "zero": "the result must equal the reference's, or be 0",
    "surface_area": "the result must be a surface area, by either of two readings of the height",
    "digit_distance": "the result must be a distance of digits, with leading zeros or without",
}


def heading(datasets: Iterable[str]) -> str:
    """Return what a report of runs on datasets of these names is called; of none, HumanEval."""
    names = dict.fromkeys(_TITLES.get(name, name) for name in datasets)
    return ", ".join(names) or _TITLES[HUMANEVAL]


def tests_text(problem: Problem) -> str:
    """Return the test of a problem, for a card; of inputs, which may be thousands, how many there are."""
    return problem.test if problem.cases is None else cases_text(problem.cases)


def cases_text(cases: Cases) -> str:
    """Return by how many inputs, and how, a candidate is compared with the reference."""
    base, plus = _count(cases.base), _count(cases.plus)
    counts = f"{base} base and {plus} plus inputs" if plus else f"{base} inputs"
    rule = _RULES.get(cases.rule, f"compared by the rule {cases.rule!r}")
    tolerance = f"; numbers may differ by {cases.atol:g}" if cases.atol else ""
    return f"{counts}; {rule}{tolerance}"


def _count(inputs: bytes) -> int:
    # The dataset's own data, made in this process by marshal.
    return len(marshal.loads(inputs)) if inputs else 0  # noqa: S302

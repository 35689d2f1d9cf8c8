"""The pages of outcomes and of exit statuses."""

from __future__ import annotations

from pytest_humaneval.core.outcome_meaning import OUTCOME_MEANINGS
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.scoring.exit_status import MEANINGS
from reference_pages.markdown import code, page, table

_OUTCOMES = """
How a sample ended. Every sample of a run has exactly one outcome, in every report.

`passed` is a dot in pytest's output. `infra_error` is an error (`E`) of its test item, all others are failures (`F`).
With several samples of a problem, the item passes if any of them passed.
"""

_INFRA = """
An `infra_error` is never scored as a wrong answer, and never leaves the denominator. Where there is one, the table
shows the two bounds of pass@1, and a gate is undecided. Where no sample has a verdict, there is no score: `-` in
reports for people, null in the JSON report.

With base and further tests, a sample has the outcome by all of them, and `base_outcome` by the base tests alone.
"""

_STATUSES = """
How a run of pytest ends. There is a gate where `--humaneval-fail-under` or `--humaneval-baseline` is given, or their
twins, or a key of an experiment.
"""

_GATE = """
With a gate the status is 0 only if a decision was made over all that was selected, and it holds. An internal error,
lost workers, `-x`, no items, or a failure that is not a model's never end with 0. `--collect-only` and other listings
judge nothing, and end as pytest does.

The flags that run something instead of the suite, and `pytest-humaneval`, use the same numbers: 0 all is well, 1 it
is not, 4 a usage error, 6 undecided. `python -m pytest_humaneval.server` and `python -m pytest_humaneval.tuning` have
their own: see [commands](console.md).
"""


def outcomes() -> str:
    """Return the page of outcomes."""
    rows = [(code(outcome.value), OUTCOME_MEANINGS[outcome]) for outcome in Outcome]
    return page("Outcomes", _OUTCOMES, table(("outcome", "meaning"), rows), _INFRA)


def exit_statuses() -> str:
    """Return the page of exit statuses."""
    rows = [(str(status), meaning) for status, meaning in MEANINGS.items()]
    return page("Exit statuses", _STATUSES, table(("status", "meaning"), rows), _GATE)

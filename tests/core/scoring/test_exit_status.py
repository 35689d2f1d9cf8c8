"""The exit status of a run, given the facts that determine it."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.scoring.exit_status import ExitStatus
from pytest_humaneval.core.scoring.gate import Decision


def test_the_default_is_undecided() -> None:
    """From the first moment on, 0 needs a reason."""
    assert ExitStatus().of(0) == 6


@pytest.mark.parametrize(
    ("decision", "status"), [(None, 6), (Decision.UNDECIDED, 6), (Decision.FAILS, 1), (Decision.HOLDS, 0)]
)
def test_only_a_decision_that_holds_gives_0(decision: Decision | None, status: int) -> None:
    """With a gate, 0 becomes what was decided."""
    assert ExitStatus(decision=decision, has_judged_nothing=False).of(0) == status


@pytest.mark.parametrize("has_gate", [False, True])
def test_an_internal_error_is_not_covered_by_a_decision(has_gate: bool) -> None:
    """Pytest's own 3, whatever the gate would say."""
    known = ExitStatus(has_gate, Decision.HOLDS, has_internal_error=True, has_judged_nothing=False)

    assert known.of(0) == 3


def test_without_a_gate_something_must_have_been_judged() -> None:
    """Pytest's own 5 where nothing was, and 0 where it was."""
    assert ExitStatus(has_gate=False).of(0) == 5
    assert ExitStatus(has_gate=False, has_judged_nothing=False).of(0) == 0


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 130])
@pytest.mark.parametrize("decision", [None, *Decision])
def test_other_trouble_stays(status: int, decision: Decision | None) -> None:
    """A status other than 0 is never changed."""
    assert ExitStatus(decision=decision).of(status) == status

"""The exit status of a run: never 0 by default, only by what was really decided or judged."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_humaneval.core.scoring.gate import Decision

# pytest's own: https://docs.pytest.org/en/stable/reference/exit-codes.html
_OK, _INTERNAL_ERROR, _NO_TESTS = 0, 3, 5


@dataclass
class ExitStatus:
    """What is known of a run that bears on how it may end; at first that is nothing.

    Attributes:
        has_gate: whether a gate decides; taken for granted until the plan is made.
        decision: the gate's, made over all that was selected; None until then, and without a gate.
        has_internal_error: whether pytest, here or in a worker, met an error of its own.
        has_judged_nothing: whether there is no result of what was selected; taken for granted until the end.
    """

    has_gate: bool = True
    decision: Decision | None = None
    has_internal_error: bool = False
    has_judged_nothing: bool = True

    def of(self, status: int) -> int:
        """Return what the run ends with where pytest and its plugins came to ``status``.

        Another status than 0 tells of trouble already and stays; 0 has to be earned.
        """
        if status != _OK:
            return status
        if self.has_internal_error:
            return _INTERNAL_ERROR
        if self.has_gate:
            return (self.decision or Decision.UNDECIDED).exit_status
        return _NO_TESTS if self.has_judged_nothing else _OK

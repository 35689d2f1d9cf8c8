"""The exit status of a run: 0 only for what was really decided or judged, never by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_humaneval.core.scoring.gate import Decision

# pytest's own: https://docs.pytest.org/en/stable/reference/exit-codes.html
_OK, _INTERNAL_ERROR, _NO_TESTS = 0, 3, 5

MEANINGS: Mapping[int, str] = {
    0: "The gate holds; without a gate, all problems passed.",
    1: "The gate does not hold; without a gate, some problem failed or has no verdict.",
    2: "The run was interrupted, or a test file could not be collected.",
    3: "pytest or a plugin had an internal error.",
    4: "A usage error: a flag, a key, a value or a file cannot be used, or a report cannot be written. One "
    "line says what to write instead.",
    5: "No problem was judged.",
    6: "The gate is undecided: some sample has no verdict, or the run ended before all was judged.",
}
"""What each exit status of pytest means; 2 to 5 are pytest's own."""


@dataclass
class ExitStatus:
    """The facts that determine a run's exit status; they are collected while it goes on.

    Attributes:
        has_gate: whether a gate decides; assumed until the plan is made.
        decision: the gate's decision over all selected samples; None until it is made, and without a gate.
        has_internal_error: whether pytest had an internal error, here or in a worker.
        has_judged_nothing: whether no selected sample was judged; assumed until the end.
    """

    # The defaults give 6, undecided: a run that stops before it knows more must not look like a success in
    # CI.
    has_gate: bool = True
    decision: Decision | None = None
    has_internal_error: bool = False
    has_judged_nothing: bool = True

    def of(self, status: int) -> int:
        """Return the run's exit status, given the ``status`` of pytest and its other plugins.

        Only a status of 0 is changed: any other one reports trouble already.
        """
        if status != _OK:
            return status
        if self.has_internal_error:
            return _INTERNAL_ERROR
        if self.has_gate:
            return (self.decision or Decision.UNDECIDED).exit_status
        return _NO_TESTS if self.has_judged_nothing else _OK

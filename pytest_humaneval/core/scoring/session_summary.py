"""What the reports for CI systems have to tell: the runs, how they stand to their baselines, the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.scoring.gate import Comparison, Decision
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class SessionSummary:
    """The outcome of a session.

    Attributes:
        runs: one for each experiment of which anything is known.
        comparisons: those with a baseline, by experiment.
        decision: the gate's; None where there is no gate.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    decision: Decision | None

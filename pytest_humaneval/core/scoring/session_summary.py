"""The summary of a session for CI systems: runs, comparisons with baselines, the gate's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.scoring.gate import Comparison, Decision
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class SessionSummary:
    """The summary of a session.

    Attributes:
        runs: one for each experiment with at least one result.
        comparisons: by experiment's name, for those with a baseline.
        decision: the gate's decision; None without a gate.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    decision: Decision | None

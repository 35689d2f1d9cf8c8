"""The summary of a session for CI systems: runs, comparisons with baselines, the gate's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction.variants import Effect
from pytest_humaneval.core.scoring.gate import Comparison, Decision
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class SessionSummary:
    """The summary of a session.

    Attributes:
        runs: one for each experiment with at least one result.
        comparisons: by experiment's name, for those with a baseline.
        decision: the gate's decision; None without a gate.
        ablation: by experiment's name, what each step of its post-processing is worth; None if not measured.
        warnings: lines that a reader must not overlook.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    decision: Decision | None
    ablation: Mapping[str, Sequence[Effect]] | None = None
    warnings: Sequence[str] = ()

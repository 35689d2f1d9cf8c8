"""The summary of a session for CI systems: runs, comparisons with baselines, the gate's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction.variants import Effect
from pytest_humaneval.core.scoring.gate import Comparison, Decision
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class Unfinished:
    """How far a session is, or was when it ended, of which not all selected problems have a result.

    Attributes:
        waiting: task ids of the problems without a result, by experiment's name.
        selected: number of selected problems, counted in each experiment.
        next_write_s: about how many seconds until the report is written again; None: the session has ended,
            and it will not be.
    """

    waiting: Mapping[str, Sequence[str]]
    selected: int
    next_write_s: float | None = None

    @property
    def judged(self) -> int:
        """Number of selected problems that have a result, counted in each experiment."""
        return self.selected - sum(map(len, self.waiting.values()))


@dataclass(frozen=True)
class SessionSummary:
    """The summary of a session.

    Attributes:
        runs: one for each experiment with at least one result.
        comparisons: by experiment's name, for those with a baseline.
        decision: the gate's decision; None without a gate.
        ablation: by experiment's name, what each step of its post-processing is worth; None if not measured.
        warnings: lines that a reader must not overlook.
        unfinished: how far it is, or was when it was interrupted; None for one that has all its results.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    decision: Decision | None
    ablation: Mapping[str, Sequence[Effect]] | None = None
    warnings: Sequence[str] = ()
    unfinished: Unfinished | None = None

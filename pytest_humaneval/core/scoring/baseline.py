"""A baseline: the scores of an earlier run, problem by problem, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import selected_figures

Scores = Mapping[str, "Fraction | None"]
"""pass@1 by task id, exactly; None where a sample has no verdict."""

_REPORTED_KEYS = {
    "model": "model",
    "model_sha256": "the model's content",
    "n": "n",
    "api": "api",
    "strategy": "strategy",
    "postprocess": "post-processing",
    "prompt_tail": "prompt_tail",
    "assistant_prefill": "assistant_prefill",
    "sampling": "sampling",
    "added": "keys of plugins",
    "limits": "limits",
}
"""Keys of the manifest whose change is reported beside a comparison, and their names in a message."""


@dataclass(frozen=True)
class ReportEntry:
    """Where an experiment's results lie: a JSON report, and the experiment's name in it."""

    path: Path
    experiment: str


@dataclass(frozen=True)
class Baseline:
    """An earlier run of an experiment.

    Attributes:
        scores: its pass@1 by task id.
        manifest: its settings.
        source: the report it was read from, for a message.
        base_scores: its pass@1 by the base tests alone; empty where the dataset has no further tests.
        selected_scores: its selected@1; empty where no samples were chosen.
        entry: where its samples can be read; None where it was not read from a file.
    """

    scores: Scores
    manifest: Mapping[str, object] = field(default_factory=dict)
    source: str = ""
    base_scores: Scores = field(default_factory=dict)
    selected_scores: Scores = field(default_factory=dict)
    entry: ReportEntry | None = None

    def differences(self, run: Run, *, is_on_selected: bool = False) -> tuple[str, ...]:
        """Describe the settings that differ, of those that both manifests have.

        How samples were chosen is one of them where the chosen ones are compared.
        """
        keys = [*_REPORTED_KEYS, *(["select"] if is_on_selected else [])]
        # A report of an earlier version may lack a key, which says nothing about its value.
        shared = [key for key in keys if key in self.manifest and key in run.manifest]
        changed = [key for key in shared if _plain(self.manifest[key]) != _plain(run.manifest[key])]
        return tuple(
            f"{_REPORTED_KEYS.get(key, key)}: {_change(self.manifest[key], run.manifest[key])}"
            for key in changed
        )


def baseline_of(results: Iterable[ProblemResult], manifest: Mapping[str, object], source: str) -> Baseline:
    """Return the results of an earlier run as a baseline; a problem that lacks a verdict has no score."""
    kept = list(results)
    scores = {each.task_id: judged_share([sample.outcome for sample in each.figures]) for each in kept}
    base_scores = {
        each.task_id: judged_share([sample.outcome_by_base for sample in each.figures])
        for each in kept
        if any(sample.base_outcome for sample in each.figures)
    }
    chosen = selected_figures(kept, ())
    return Baseline(scores, manifest, source, base_scores, chosen.settled_scores if chosen else {})


def judged_share(outcomes: Sequence[Outcome]) -> Fraction | None:
    """Return a problem's pass@1 by its samples' outcomes; None without any, or where one has no verdict."""
    if not outcomes or Outcome.INFRA_ERROR in outcomes:
        return None
    return Fraction(outcomes.count(Outcome.PASSED), len(outcomes))


def _change(before: object, now: object) -> str:
    """Describe how a value changed; for a table, only the keys that did."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [key for key in {**before, **now} if _plain(before.get(key)) != _plain(now.get(key))]
        return ", ".join(f"{key} {_change(before.get(key), now.get(key))}" for key in keys)
    return f"{_shown(before)} then, {_shown(now)} now"


def _shown(value: object) -> str:
    return "none" if value in (None, (), []) else repr(_plain(value))


def _plain(value: object) -> object:
    """Return a value as it comes back from JSON: the baseline was read from a file, the run was not."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value

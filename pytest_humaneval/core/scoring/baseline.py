"""A baseline: what an earlier run scored, problem by problem, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from pytest_humaneval.core.scoring.run import Run

Scores = Mapping[str, "Fraction | None"]
"""pass@1 by task id, exactly; None where a sample has no verdict."""

_TOLD = {
    "model": "model",
    "model_sha256": "the model's content",
    "n": "n",
    "api": "api",
    "strategy": "strategy",
    "postprocess": "post-processing",
    "prompt_tail": "prompt_tail",
    "assistant_prefill": "assistant_prefill",
    "sampling": "sampling",
    "limits": "limits",
}
"""Keys of the manifest whose change a reader of a comparison must know of, and how to call them."""


@dataclass(frozen=True)
class Baseline:
    """An earlier run of an experiment.

    Attributes:
        scores: its pass@1 by task id.
        manifest: how it was made.
        source: where it was read, in words.
    """

    scores: Scores
    manifest: Mapping[str, object] = field(default_factory=dict)
    source: str = ""

    def differences(self, run: Run) -> tuple[str, ...]:
        """Say in what the run was made otherwise, as far as both tell."""
        shared = [key for key in _TOLD if key in self.manifest and key in run.manifest]
        changed = [key for key in shared if _plain(self.manifest[key]) != _plain(run.manifest[key])]
        return tuple(f"{_TOLD[key]}: {_change(self.manifest[key], run.manifest[key])}" for key in changed)


def _change(before: object, now: object) -> str:
    """Say how a value changed; of a table, only the keys that did."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [key for key in {**before, **now} if _plain(before.get(key)) != _plain(now.get(key))]
        return ", ".join(f"{key} {before.get(key)!r} then, {now.get(key)!r} now" for key in keys)
    return f"{before!r} then, {now!r} now"


def _plain(value: object) -> object:
    """Return a value as it comes back from JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value

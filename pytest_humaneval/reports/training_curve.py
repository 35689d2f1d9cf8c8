"""What a run's manifest says of its adapter's training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_humaneval.core.config.adapter_card import CurvePoint, is_point
from pytest_humaneval.core.scoring.run import Run


def training_curve(run: Run) -> list[CurvePoint]:
    """Return the losses of the training of a run's adapter; none where there is none, or they are unknown."""
    points = _card(run).get("curve")
    return [CurvePoint(**point) for point in points if is_point(point)] if isinstance(points, list) else []


def training_metrics(run: Run) -> Iterator[tuple[str, float, int]]:
    """Yield name, value and step of each loss in the training of a run's adapter."""
    for point in training_curve(run):
        for name in ("loss", "validation_loss", "learning_rate"):
            value = getattr(point, name)
            if value is not None:
                yield f"training.{name}", value, point.step


def is_training_unknown(run: Run) -> bool:
    """Return whether a run has an adapter without a card, so that it may have seen any problem."""
    return bool(run.manifest.get("adapter")) and not _card(run)


def _card(run: Run) -> Mapping[str, Any]:
    adapter = run.manifest.get("adapter")
    card = adapter.get("card") if isinstance(adapter, Mapping) else None
    return card if isinstance(card, Mapping) else {}

"""What an experiment cost, in words, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_humaneval.core.cost import Cost
from pytest_humaneval.core.scoring.run import Run

_SMALLEST = 0.000001
_UNKNOWN = "unknown"


def amount_text(amount: float | None) -> str:
    """Return an amount of money to cents, or below 1 to a millionth; its currency is that of the prices."""
    if amount is None:
        return _UNKNOWN
    if amount >= 1:
        return f"{amount:,.2f}"
    if 0 < amount < _SMALLEST:
        return f"less than {_SMALLEST:f}"
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def cost_notes(run: Run) -> Iterator[str]:
    """Yield what an experiment with prices cost, and why that is not known where it is not."""
    cost, name = run.cost, run.experiment.name
    if cost is None:
        return
    yield (
        f"{name}: cost {amount_text(cost.spent)} for what was requested now, "
        f"{amount_text(cost.all_samples)} for all samples, those from the store included"
    )
    if cost.uncounted:
        answers = "1 answer" if cost.uncounted == 1 else f"{cost.uncounted} answers"
        yield f"{name}: the server sent {answers} without token counts (usage), so no cost is known"


def cost_json(run: Run) -> dict[str, Any]:
    """Return the entries of the JSON report; null for what is unknown, and no entry without prices."""
    cost = run.cost
    if cost is None:
        return {}
    return {
        "cost": cost.spent,
        "cost_of_all_samples": cost.all_samples,
        "answers_without_token_counts": cost.uncounted,
    }


def cost_from_json(entry: Mapping[str, Any]) -> Cost | None:
    """Return the cost that an experiment's entry in a JSON report has; None without prices."""
    if "cost" not in entry:
        return None
    return Cost(entry["cost"], entry.get("cost_of_all_samples"), entry.get("answers_without_token_counts", 0))


def cost_metrics(run: Run) -> dict[str, float]:
    """Return the amounts that are known, by names for a tracking server."""
    amounts = {"spent": run.cost.spent, "all_samples": run.cost.all_samples} if run.cost else {}
    return {f"cost.{name}": amount for name, amount in amounts.items() if amount is not None}

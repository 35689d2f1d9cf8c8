"""Figures from plain numbers."""

from __future__ import annotations

from operator import index

from pytest_humaneval.core.scoring import metrics


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return one problem's unbiased pass@k: the share of all k-subsets of its samples that hold a pass.

    Args:
        n: samples drawn for the problem.
        c: how many of them passed.
        k: how many a user would look at.

    Raises:
        ValueError: one of them is no whole number, or not ``1 <= k <= n`` or not ``0 <= c <= n``.
    """
    return metrics.pass_at_k(_whole("n", n), _whole("c", c), _whole("k", k))


def _whole(name: str, value: object) -> int:
    # index() takes numpy's integers too.
    try:
        return index(value)  # type: ignore[arg-type] # anything else is the error that it raises
    except TypeError:
        raise ValueError(f"{name}: found {value!r}, expected a whole number") from None

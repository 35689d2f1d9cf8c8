"""Describe a comparison: what changed, whether it is significant, which problems flipped."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.core.scoring.gate import Comparison, Decision
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE

_FLIPS_SHOWN = 20


def verdict(comparison: Comparison) -> str:
    """Return in a few words how a run compares with its baseline, and by which score if not by pass@1."""
    words = _words(comparison)
    return words if comparison.score == ONE_SAMPLE else f"{comparison.score} {words}"


def _words(comparison: Comparison) -> str:
    if comparison.decision is Decision.UNDECIDED:
        return "undecided"
    if not comparison.is_distinguishable:
        return "not distinguishable from the baseline"
    return "better than the baseline" if comparison.delta > 0 else "worse than the baseline"


def figures(comparison: Comparison) -> str:
    """Return the difference with its interval and p-value."""
    low, high = comparison.ci95
    return (
        f"{_points(comparison.delta)} points (95% interval {_points(low)} to {_points(high)}), "
        f"+{len(comparison.gained)}/-{len(comparison.lost)} problems, p = {comparison.p_value:.3g} "
        f"({comparison.test}, exact)"
    )


def base_figures(base: tuple[float, float]) -> str:
    """Return pass@1 by the base tests alone, now and in the baseline."""
    before, now = base
    return f"by the base tests alone: {now:.1%} after {before:.1%}"


def selected_figures(selected: tuple[float, float]) -> str:
    """Return selected@1, now and in the baseline, beside a comparison of pass@1."""
    before, now = selected
    return f"selected@1: {now:.1%} after {before:.1%}"


def comparison_lines(name: str, comparison: Comparison) -> Iterator[str]:
    """Yield the lines that describe a comparison, the verdict first."""
    now = comparison.baseline + comparison.delta
    yield (
        f"{name}: {verdict(comparison)}: {now:.1%} after {comparison.baseline:.1%}"
        f"{f' in {comparison.source}' if comparison.source else ''}"
    )
    yield f"  {figures(comparison)}"
    if comparison.base:
        yield f"  {base_figures(comparison.base)}"
    if comparison.selected:
        yield f"  {selected_figures(comparison.selected)}"
    for word, flips in (("gained", comparison.gained), ("lost", comparison.lost)):
        if flips:
            rest = f" and {len(flips) - _FLIPS_SHOWN} more" if len(flips) > _FLIPS_SHOWN else ""
            yield f"  {word}: {', '.join(flips[:_FLIPS_SHOWN])}{rest}"
    if not comparison.is_distinguishable:
        yield f"  {_smallest_significant(comparison)}"
    yield from (f"  {caution}" for caution in cautions(comparison))


def cautions(comparison: Comparison) -> Iterator[str]:
    """Yield a line for everything that makes the two less comparable."""
    for difference in comparison.differs:
        yield f"different settings: {difference}"
    if comparison.compared < comparison.problems:
        alone = f"; {comparison.unmatched} were judged in only one of the two" if comparison.unmatched else ""
        yield f"compared on {comparison.compared} of {comparison.problems} problems{alone}"


def _smallest_significant(comparison: Comparison) -> str:
    if comparison.detectable >= 1:
        return "no difference could be significant with so few problems"
    smallest = f"{100 * comparison.detectable:.1f} points"
    return f"a difference of less than {smallest} would not be significant with so many problems"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"

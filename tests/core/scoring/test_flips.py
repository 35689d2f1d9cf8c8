"""What changed from one run to another."""

from __future__ import annotations

from fractions import Fraction

from pytest_humaneval.core.scoring.flips import flips


def test_only_what_both_judged_is_compared() -> None:
    """A problem without a verdict, or in one of the two only, is neither gained nor lost."""
    before = {"a": Fraction(0), "b": Fraction(1), "c": None, "d": Fraction(1), "e": Fraction(1, 2)}
    now = {"a": Fraction(1), "b": Fraction(0), "c": Fraction(1), "e": Fraction(1, 2), "f": Fraction(1)}

    found = flips(before, now)

    assert found is not None
    assert (found.gained, found.lost, found.p_value) == (("a",), ("b",), 1.0)


def test_nothing_in_common_is_no_comparison() -> None:
    """Not even one of no change."""
    assert flips({"a": Fraction(1)}, {"b": Fraction(1)}) is None

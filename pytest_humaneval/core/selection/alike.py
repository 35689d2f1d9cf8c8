"""Which samples of a problem behave alike on the calls that they were tried on."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.results import Sample


def groups(samples: Sequence[Sample]) -> list[int | None]:
    """Return a number for each sample, the same for those that behave alike, as they are after repair.

    The largest group is 0, of equal ones that with the first sample. None: the sample was not tried, or had
    no program to try.
    """
    keys = [sample.final.behaviour for sample in samples]
    distinct = dict.fromkeys(key for key in keys if key)
    numbers = {key: number for number, key in enumerate(sorted(distinct, key=lambda key: -keys.count(key)))}
    return [numbers.get(key) for key in keys]

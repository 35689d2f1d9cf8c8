"""Which samples of a problem behave alike on the calls that they were tried on."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.selection import choosing


def groups(samples: Sequence[Sample]) -> list[int | None]:
    """Return a number for each sample, as it is after repair: the same for those that a vote finds alike.

    The largest group is 0, of equal ones that with the first sample. None: it returned nothing, or there was
    nothing to try.
    """
    keys = choosing.groups([choosing.Attempt.of(sample) for sample in samples])
    distinct = dict.fromkeys(key for key in keys if key)
    numbers = {key: number for number, key in enumerate(sorted(distinct, key=lambda key: -keys.count(key)))}
    return [numbers.get(key) for key in keys]

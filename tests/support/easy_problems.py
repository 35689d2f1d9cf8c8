"""A dataset of problems that any body solves unless it raises: which of them pass is the test's to choose."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tests.support.evaluating import completion

COUNT = 20
FIRST = [set(range(count)) for count in range(COUNT + 1)]
"""The first so many problems, by how many."""

_PASSES, _RAISES = "    pass\n", "    return 1/0\n"


def easy_dataset(count: int = COUNT) -> str:
    """Return the dataset, as JSON Lines."""
    rows = [
        {
            "task_id": f"Easy/{number}",
            "prompt": f"def easy_{number}():\n",
            "entry_point": f"easy_{number}",
            "canonical_solution": _PASSES,
            "test": "def check(candidate):\n    assert candidate() is None\n",
        }
        for number in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def easy_samples(passing: Collection[int]) -> list[dict[str, Any]]:
    """Return one sample for each problem, of which these pass."""
    return [
        {**completion(0, _PASSES if number in passing else _RAISES), "task_id": f"Easy/{number}"}
        for number in range(COUNT)
    ]

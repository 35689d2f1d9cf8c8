"""A failing completion store costs one warning, not the run."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_humaneval.core.errors import StoreError
from pytest_humaneval.core.records import Completion, Draw, Request, Sampling
from pytest_humaneval.store.best_effort import BestEffortStore

DRAW = Draw("HumanEval/0", 0, Request("m", "completion", (), Sampling()))


class FullDisk:
    """A store on a disk without space."""

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return a completion for every draw."""
        return {draw: Completion("known") for draw in draws}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Fail."""
        raise StoreError(f"no space left for {draw.task_id} ({len(completion.text)} characters)")

    def close(self) -> None:
        """Do nothing."""


def test_a_store_that_fails_is_reported_once_and_not_used_again() -> None:
    """After the first failure nothing is found or kept, and nothing is raised."""
    warnings: list[str] = []
    store = BestEffortStore(FullDisk(), warnings.append)
    before = store.get([DRAW])

    store.put(DRAW, Completion("new"))
    store.put(DRAW, Completion("new"))

    assert before == {DRAW: Completion("known")}
    assert store.get([DRAW]) == {}
    assert warnings == [
        "no space left for HumanEval/0 (3 characters); the run goes on without the completion store"
    ]

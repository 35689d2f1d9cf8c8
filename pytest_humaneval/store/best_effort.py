"""A wrapper that turns the failure of a completion store into one warning; the run goes on without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pytest_humaneval.core.errors import StoreError
from pytest_humaneval.core.ports import Store
from pytest_humaneval.core.records import Completion, Draw


class BestEffortStore:
    """Another store until it fails; from then on nothing is found or kept.

    Args:
        store: the other store.
        warn: called once, with one line of text, when the other store fails.
    """

    def __init__(self, store: Store, warn: Callable[[str], None]) -> None:
        self._store, self._warn = store, warn
        self._works = True

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known."""
        if self._works:
            try:
                return self._store.get(draws)
            except StoreError as error:
                self._give_up(error)
        return {}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion, if the store still works."""
        if self._works:
            try:
                self._store.put(draw, completion)
            except StoreError as error:
                self._give_up(error)

    def close(self) -> None:
        """Release files and connections."""
        try:
            self._store.close()
        except StoreError as error:
            # A store that has failed already may well fail again here: one warning is enough.
            if self._works:
                self._give_up(error)

    def _give_up(self, error: StoreError) -> None:
        self._works = False
        self._warn(f"{error}; the run goes on without the completion store")

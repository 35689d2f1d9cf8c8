"""A shared completion store, with a local one to fall back on when the shared one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pytest_humaneval.core.errors import StoreError
from pytest_humaneval.core.ports import Store
from pytest_humaneval.core.records import Completion, Draw


class FallbackStore:
    """A shared store until it fails; from then on a local one.

    Completions that an earlier run had to keep locally are found, too, and copied to the shared store.

    Args:
        shared: the shared store.
        open_local: opens the local store; called when it is first needed, so that a run without failures
            leaves no folder behind.
        has_local: whether an earlier run has left a local store.
        local_name: the local store's name in the warning.
        warn: called once, with one line of text, when the shared store fails.
    """

    def __init__(
        self,
        shared: Store,
        open_local: Callable[[], Store],
        *,
        has_local: bool,
        local_name: str,
        warn: Callable[[str], None],
    ) -> None:
        self._shared, self._works = shared, True
        self._open_local, self._local_name, self._warn = open_local, local_name, warn
        self._local = open_local() if has_local else None

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known to either store."""
        draws = list(draws)
        found: dict[Draw, Completion] = {}
        if self._works:
            try:
                found = self._shared.get(draws)
            except StoreError as error:
                self._give_up(error)
        missing = [draw for draw in draws if draw not in found]
        kept_locally = self._local.get(missing) if self._local and missing else {}
        if self._works:
            for draw, completion in kept_locally.items():
                self.put(draw, completion)
        return found | kept_locally

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion in the shared store while it works, then in the local one."""
        if self._works:
            try:
                self._shared.put(draw, completion)
            except StoreError as error:
                self._give_up(error)
        # Not "else": the shared store may have failed just now.
        if not self._works:
            self._open_once().put(draw, completion)

    def close(self) -> None:
        """Release files and connections."""
        self._shared.close()
        if self._local is not None:
            self._local.close()

    def _open_once(self) -> Store:
        if self._local is None:
            self._local = self._open_local()
        return self._local

    def _give_up(self, error: StoreError) -> None:
        self._works = False
        self._warn(
            f"{error}; completions are kept in {self._local_name} from here on, "
            "and handed on by the next run that finds the server"
        )

"""The store that keeps nothing: every run generates anew."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_humaneval.core.records import Completion, Draw


class NoStore:
    """Knows no completion and forgets each it is given."""

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:  # noqa: ARG002 - the seam's signature
        """Return nothing."""
        return {}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Release nothing."""

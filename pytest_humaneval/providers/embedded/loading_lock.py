"""Models are loaded one after the other, whichever threads ask for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_humaneval.core.parsing import PARSING

_LOADING = threading.Lock()


@contextmanager
def loading_turn() -> Iterator[None]:
    """Wait until no other model is being loaded, and hold the turn.

    To be held also while the libraries are imported: torch parses Python source then. Loading itself sets
    torch's default number format, which is one for all threads.
    """
    with _LOADING, PARSING:
        yield

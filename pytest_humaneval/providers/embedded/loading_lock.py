"""The lock that has models loaded one after the other, whichever threads load them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_humaneval.core.parsing import PARSING

_LOADING = threading.Lock()


@contextmanager
def loading_turn() -> Iterator[None]:
    """Hold the lock; to be held also while torch and transformers are imported."""
    # Loading sets torch's default number format, which is one for all threads. While it is imported, torch
    # parses Python source, hence PARSING.
    with _LOADING, PARSING:
        yield

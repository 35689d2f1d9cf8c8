"""The interface of an engine: what runs a model in this process, and how it hands completions over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from pytest_humaneval.core.records import Draw, SettledDraw

EmitDraw: TypeAlias = Callable[[SettledDraw], None]
"""Takes one draw as soon as its completion has ended or finally failed."""


class Engine(Protocol):
    """A loaded model; used by one thread at a time."""

    def answer(self, draws: Sequence[Draw], emit: EmitDraw, is_cancelled: Callable[[], bool]) -> None:
        """Emit every draw as soon as its completion ends; return when all have, or soon after a cancel.

        Raises:
            ProviderError: the model can complete none of the draws, or it failed.
        """
        ...

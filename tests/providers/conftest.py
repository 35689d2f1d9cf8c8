"""What the tests of all providers share: draws, and a plain way to collect what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Completion, Draw, NoCompletion

Collected: TypeAlias = list[tuple[Draw, Completion | NoCompletion]]
Collect: TypeAlias = Callable[[Provider, Sequence[Draw]], Collected]


@pytest.fixture
def collect() -> Collect:
    """Run a provider to its end, in an event loop of its own."""

    def run(provider: Provider, draws: Sequence[Draw]) -> Collected:
        async def everything() -> Collected:
            return [result async for result in provider.complete(draws)]

        return asyncio.run(everything())

    return run

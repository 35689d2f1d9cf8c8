"""Fixtures that the tests of all providers share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Draw, SettledDraw

Collected: TypeAlias = list[SettledDraw]
Collect: TypeAlias = Callable[[Provider, Sequence[Draw]], Collected]


@pytest.fixture
def collect() -> Collect:
    """Return a function that runs a provider in an event loop of its own, and returns all results."""

    def run(provider: Provider, draws: Sequence[Draw]) -> Collected:
        async def everything() -> Collected:
            return [result async for result in provider.complete(draws)]

        return asyncio.run(everything())

    return run

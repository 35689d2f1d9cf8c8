"""Which draws one HTTP request can ask for together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from pytest_humaneval.core.records import Draw, Request

DrawGroup: TypeAlias = tuple[Draw, ...]
"""Draws of the same request, which one HTTP request with ``n > 1`` can ask for."""


def grouped(draws: Sequence[Draw], concurrency: int) -> list[DrawGroup]:
    """Group the draws that one HTTP request can ask for: sampled, without a seed, of the same request.

    A request has one seed, and each seeded draw needs its own. vLLM refuses ``n > 1`` for greedy sampling.
    """
    groups: list[DrawGroup] = []
    sampled: dict[Request, list[Draw]] = {}
    for draw in draws:
        sampling = draw.request.sampling
        if sampling.seed is None and sampling.temperature > 0:
            sampled.setdefault(draw.request, []).append(draw)
        else:
            groups.append((draw,))
    for alike in sampled.values():
        groups += [tuple(alike[i : i + concurrency]) for i in range(0, len(alike), concurrency)]
    return groups


def seed_of(draw: Draw) -> int | None:
    """Return the seed of a draw's request; None without one."""
    seed = draw.request.sampling.seed
    return None if seed is None else seed + draw.sample_index

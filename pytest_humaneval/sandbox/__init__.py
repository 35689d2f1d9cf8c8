"""Sandboxes: where candidates are judged, each in an isolated process of its own."""

from __future__ import annotations

import os
from typing import Final

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox.pool import PooledSandbox, Way

SANDBOXES: Final[dict[str, Way]] = {
    "forkserver": "fork",
    "oneshot": "interpreter",
}


def open_sandbox(limits: Limits, jobs: int = 1, name: str = "auto") -> PooledSandbox:
    """Return a sandbox, ready to judge.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates run at once.
        name: one of ``SANDBOXES``, or "auto" for the fastest that this platform has.

    Raises:
        ConfigError: there is none of that name, or it needs what this platform lacks.
    """
    if name == "auto":
        name = "forkserver" if hasattr(os, "fork") else "oneshot"
    if name not in SANDBOXES:
        raise ConfigError(f"sandbox: there is no {name!r}; choose one of auto, {', '.join(SANDBOXES)}.")
    return PooledSandbox(SANDBOXES[name], limits, jobs)


__all__ = ["SANDBOXES", "PooledSandbox", "open_sandbox"]

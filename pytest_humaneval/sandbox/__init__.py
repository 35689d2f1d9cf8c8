"""Sandboxes: where candidates are judged, each in an isolated process of its own."""

from __future__ import annotations

import sysconfig
from typing import Final, NamedTuple

from pytest_humaneval.core.errors import ConfigError, SandboxError
from pytest_humaneval.core.records import Limits
from pytest_humaneval.core.settings import ISOLATIONS
from pytest_humaneval.sandbox.pool import PooledSandbox
from pytest_humaneval.sandbox.runtime.settings import OPEN, Settings


class Kind(NamedTuple):
    """How a sandbox makes a process for each candidate.

    Attributes:
        way: "fork", from one warm process, or "interpreter", a fresh one.
        warm: packages that are loaded already.
    """

    way: str
    warm: tuple[str, ...] = ()


SANDBOXES: Final = {
    "forkserver": Kind("fork"),
    "forkserver-numpy": Kind("fork", ("numpy",)),  # for datasets whose candidates use it
    "oneshot": Kind("interpreter"),
}


def open_sandbox(limits: Limits, jobs: int = 1, name: str = "auto", isolation: str = "auto") -> PooledSandbox:
    """Return a sandbox, ready to judge.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates run at once.
        name: one of ``SANDBOXES``, or "auto" for the fastest that this platform has.
        isolation: "auto": every layer that this platform has; "strict": all of them or none at all;
            "basic": only process groups and resource limits.

    Raises:
        ConfigError: there is none of that name.
        SandboxError: a layer is missing that "strict" asks for.
    """
    if name == "auto":
        name = "forkserver"
    if name not in SANDBOXES:
        raise ConfigError(f"sandbox: there is no {name!r}; choose one of auto, {', '.join(SANDBOXES)}.")
    if isolation not in (*ISOLATIONS, OPEN):
        raise ConfigError(f"isolation: there is no {isolation!r}; choose one of {', '.join(ISOLATIONS)}.")
    site = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    kind = SANDBOXES[name]
    settings = Settings(kind.way, isolation, site, limits.timeout_s, limits.memory_mib, list(kind.warm))
    sandbox = PooledSandbox(settings, jobs)
    if isolation == "strict":
        _insist_on_layers(sandbox)
    return sandbox


def _insist_on_layers(sandbox: PooledSandbox) -> None:
    missing = {name: reason for name, reason in sandbox.layers().items() if reason}
    if missing:
        sandbox.close()
        told = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
        raise SandboxError(
            f"isolation 'strict' needs what this machine lacks: {told}. Use 'auto' to go without."
        )


__all__ = ["ISOLATIONS", "SANDBOXES", "PooledSandbox", "open_sandbox"]

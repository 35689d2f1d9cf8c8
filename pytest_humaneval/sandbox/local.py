"""Sandboxes whose processes are on this machine."""

from __future__ import annotations

import os
import sysconfig
from typing import Final, NamedTuple

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox.pool import PooledSandbox
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings


class Kind(NamedTuple):
    """How a sandbox makes a process for each candidate.

    Attributes:
        way: "fork", from one warm process, or "interpreter", a fresh one.
        warm: packages that are loaded already.
    """

    way: str
    warm: tuple[str, ...] = ()


KINDS: Final = {
    "forkserver": Kind("fork"),
    "forkserver-numpy": Kind("fork", ("numpy",)),  # for datasets whose candidates use it
    "oneshot": Kind("interpreter"),
}


def open_local(limits: Limits, jobs: int | None, name: str, isolation: str) -> PooledSandbox:
    """Return a sandbox on this machine, ready to judge; the arguments are ``open_sandbox``'s.

    Raises:
        SandboxError: a layer is missing that "strict" asks for.
    """
    site = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    kind = KINDS[name]
    settings = WorkerSettings(kind.way, isolation, site, limits.timeout_s, limits.memory_mib, list(kind.warm))
    sandbox = PooledSandbox(settings, jobs or _cores())
    if isolation == "strict":
        _insist_on_layers(sandbox)
    return sandbox


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _insist_on_layers(sandbox: PooledSandbox) -> None:
    missing = {name: reason for name, reason in sandbox.layers().items() if reason}
    if missing:
        sandbox.close()
        told = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
        raise SandboxError(
            f"isolation 'strict' needs what this machine lacks: {told}. Use 'auto' to go without."
        )

"""Open a sandbox whose worker processes run on this machine."""

from __future__ import annotations

import os
import sysconfig
from typing import Final, NamedTuple

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox.pool import PooledSandbox
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings


class LocalSandboxKind(NamedTuple):
    """How a sandbox starts the process of a candidate.

    Attributes:
        start_method: "fork" of a warm process, or "interpreter" for a fresh one.
        preload: packages that the warm process has imported.
    """

    start_method: str
    preload: tuple[str, ...] = ()


KINDS: Final = {
    "forkserver": LocalSandboxKind("fork"),
    # For datasets whose candidates use numpy: an import of 0.2 s in each child is far more than a test takes.
    "forkserver-numpy": LocalSandboxKind("fork", ("numpy",)),
    "oneshot": LocalSandboxKind("interpreter"),
}


def open_local(limits: Limits, jobs: int | None, name: str, isolation: str) -> PooledSandbox:
    """Return a sandbox on this machine, ready to judge; for the arguments see ``open_sandbox``.

    Raises:
        SandboxError: a layer is missing that "strict" asks for.
    """
    site = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    kind = KINDS[name]
    settings = WorkerSettings(
        kind.start_method,
        isolation,
        site,
        limits.timeout_s,
        limits.memory_mib,
        list(kind.preload),
        limits.cases_timeout_s,
        limits.cases_memory_mib,
    )
    sandbox = PooledSandbox(settings, jobs or _cores())
    if isolation == "strict":
        _require_all_layers(sandbox)
    return sandbox


def _cores() -> int:
    # A container or taskset(1) may allow this process fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _require_all_layers(sandbox: PooledSandbox) -> None:
    missing = {name: reason for name, reason in sandbox.layers().items() if reason}
    if missing:
        sandbox.close()
        lacking = "; ".join(f"{name} ({reason})" for name, reason in missing.items())
        raise SandboxError(
            f"isolation 'strict' needs what this machine lacks: {lacking}. Use 'auto' to go without."
        )

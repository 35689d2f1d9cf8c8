"""Sandboxes judge candidates, each in an isolated process of its own; ``open_sandbox`` opens one by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from pytest_humaneval.core.config.settings import ISOLATIONS
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.ports import OpenedSandbox, OpenSandbox
from pytest_humaneval.core.records import Limits
from pytest_humaneval.sandbox.local import KINDS, open_local
from pytest_humaneval.sandbox.probe import probe_sandbox
from pytest_humaneval.sandbox.runtime.isolation.settings import OPEN
from pytest_humaneval.sandbox.shell_limits import shell_limit_warnings, starting_threads


def _open_ray(limits: Limits, jobs: int | None, isolation: str, where: str) -> OpenedSandbox:
    # Imported late: most runs use no cluster.
    from pytest_humaneval.sandbox.cluster.ray import RaySandbox

    return RaySandbox(limits, jobs, isolation, f"ray://{where}" if where else None)


def _open_here(name: str, limits: Limits, jobs: int | None, isolation: str, _: str) -> OpenedSandbox:
    return open_local(limits, jobs, name, isolation)


@dataclass(frozen=True)
class SandboxKind:
    """A kind of sandbox: how to open one, and whether its name may be followed by ``://ADDRESS``."""

    open: OpenSandbox
    takes_address: bool = False


SANDBOXES: Final[Mapping[str, SandboxKind]] = {
    **{name: SandboxKind(partial(_open_here, name)) for name in KINDS},
    "ray": SandboxKind(_open_ray, takes_address=True),
}


def check_sandbox(name: str, kinds: Mapping[str, SandboxKind] = SANDBOXES) -> None:
    """Check that a sandbox of this name can be opened, without opening it.

    Raises:
        ConfigError: there is none of that name, or the package that it needs is not installed.
    """
    kind, is_address, where = name.partition("://")
    is_known = kind == "auto" or kind in kinds
    if not is_known or bool(is_address) != bool(where) or (where and not kinds[kind].takes_address):
        known = ", ".join(("auto", *kinds))
        raise ConfigError(f"sandbox: there is no {name!r}; choose one of {known}, or ray://HOST:PORT.")
    if kind == "ray" and importlib.util.find_spec("ray") is None:
        raise ConfigError("sandbox: 'ray' needs Ray, install it with: pip install 'pytest-humaneval[ray]'")


def open_sandbox(
    limits: Limits,
    jobs: int | None = 1,
    name: str = "auto",
    isolation: str = "auto",
    kinds: Mapping[str, SandboxKind] = SANDBOXES,
) -> OpenedSandbox:
    """Return a sandbox, ready to judge.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates run at once, with Ray on each node; None for all cores.
        name: one of ``kinds``, or "auto" for the fastest that this platform has; "ray://HOST:PORT" for
            the Ray cluster there.
        isolation: "auto": every layer that this platform has; "strict": all of them or none at all;
            "basic": only process groups and resource limits.
        kinds: the kinds of sandboxes, by name.

    Raises:
        ConfigError: there is none of that name, or the package that it needs is not installed.
        SandboxError: a layer is missing that "strict" asks for, or the cluster cannot be reached.
    """
    check_sandbox(name, kinds)
    kind, _, where = name.partition("://")
    if isolation not in (*ISOLATIONS, OPEN):
        raise ConfigError(f"isolation: there is no {isolation!r}; choose one of {', '.join(ISOLATIONS)}.")
    return kinds["forkserver" if kind == "auto" else kind].open(limits, jobs, isolation, where)


__all__ = [
    "ISOLATIONS",
    "SANDBOXES",
    "OpenedSandbox",
    "SandboxKind",
    "check_sandbox",
    "open_sandbox",
    "probe_sandbox",
    "shell_limit_warnings",
    "starting_threads",
]

"""The sandbox that a plan asks for, and the threads that wait for its verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.sandbox import SANDBOXES, SandboxKind, open_sandbox


def sandbox_of(plan: Plan) -> OpenedSandbox:
    """Open the sandbox that a plan asks for.

    Raises:
        SandboxError: this machine lacks what strict isolation needs, or there is no such cluster.
    """
    settings = plan.settings
    kinds = plan.kinds.sandboxes
    return open_sandbox(plan.limits, settings.jobs, settings.sandbox, settings.isolation, kinds)


def execution_threads(sandbox: OpenedSandbox) -> ThreadPoolExecutor:
    """Open threads that wait for verdicts: more than jobs, since a candidate that waits makes room."""
    return ThreadPoolExecutor(sandbox.places, "humaneval-execution")


def executed(
    settings: Settings,
    limits: Limits,
    candidates: Sequence[Candidate],
    kinds: Mapping[str, SandboxKind] = SANDBOXES,
) -> list[Verdict]:
    """Return the verdicts of candidates, in their order, executed side by side.

    Raises:
        SandboxError: this machine lacks what strict isolation needs, or there is no such cluster.
    """
    with (
        closing(open_sandbox(limits, settings.jobs, settings.sandbox, settings.isolation, kinds)) as sandbox,
        execution_threads(sandbox) as threads,
    ):
        return list(threads.map(sandbox.run, candidates))


def missing_layers(sandbox: OpenedSandbox) -> str | None:
    """Return in one line what a sandbox had to do without; None if nothing. Starts a process if none runs."""
    try:
        missing = {layer: reason for layer, reason in sandbox.layers().items() if reason}
    # There was no sandbox at all, and the message of every sample is just that.
    except SandboxError:
        return None
    layers = ", ".join(f"{layer} ({reason})" for layer, reason in missing.items())
    return f"isolation: candidates ran without {layers}" if missing else None

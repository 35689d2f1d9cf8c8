"""The doctor: does each server that the experiments ask behave as they need? Each finding has a remedy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from pytest_humaneval.commands.server_checks import Finding, examine_requests
from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError, ProviderError
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.server.client import RefusalError, ServerClient


def run_doctor(settings: Settings, print_line: Callable[[str], None]) -> int:
    """Examine what the experiments of the settings ask, and say what was found; 1 if a run would go wrong.

    Raises:
        ConfigError: no experiment is named, or one cannot be used.
    """
    if not settings.experiments:
        raise ConfigError("--humaneval-doctor: name what to run_doctor with --humaneval-experiment")
    plan = make_plan(settings)
    findings = []
    for name in plan.experiments:
        print_line(f"{name}:")
        for finding in _examine(plan, name):
            findings.append(finding)
            print_line(f"  {finding.level:<4}  {finding.message}")
            if finding.remedy:
                print_line(f"        {finding.remedy}")
    bad, doubtful = (sum(each.level == level for each in findings) for level in ("FAIL", "warn"))
    print_line(f"doctor: {len(findings)} findings, {bad} to mend before a run, {doubtful} to know of")
    return 1 if bad else 0


def _examine(plan: Plan, name: str) -> Iterator[Finding]:
    experiment = plan.experiments[name].experiment
    server = experiment.server
    if server is None:
        yield Finding("ok", f"asks no server: {experiment.provider}")
        return
    client = ServerClient(server.base_url, os.environ.get(server.api_key_env))
    try:
        models = client.models()
    except ProviderError as error:
        yield Finding(
            "FAIL",
            f"{server.base_url} cannot be reached ({error})",
            f"start it: docker compose up --wait, vllm serve {server.model}, or a run with --humaneval-serve",
        )
        return
    except RefusalError as refusal:
        yield Finding("warn", f"the server does not list its models ({refusal})", _key(server))
        models = []
    else:
        yield Finding("ok", f"{server.base_url} answers (version {client.version() or 'not told'})")
        yield _served(server, [str(model.get("id")) for model in models])
    about = next((model for model in models if model.get("id") == server.model), {})
    yield from examine_requests(plan, name, client, about)


def _key(server: Server) -> str:
    return f"if it wants a key, put it into the environment variable {server.api_key_env}"


def _served(server: Server, names: list[str]) -> Finding:
    if server.model in names:
        return Finding("ok", f"serves {server.model}")
    return Finding(
        "FAIL",
        f"does not serve {server.model!r}; {suggest(server.model, names)}",
        f"write one that it serves into [servers.{server.name}], or start: vllm serve {server.model}",
    )

"""The command --humaneval-doctor: check that each experiment's server behaves as the experiment needs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from pytest_humaneval.commands.findings import Finding, failed_request
from pytest_humaneval.commands.server_checks import check_requests
from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.extra_headers import SentHeaders, sent_headers
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError, ProviderError
from pytest_humaneval.evaluation.api_keys import is_key_missing
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.reports.counted import counted
from pytest_humaneval.server.client import RefusalError, ServerClient

_SERVER, _MODEL = "server", "model"


def run_doctor(settings: Settings, registry: Registry, print_line: Callable[[str], None]) -> int:
    """Check the servers of the selected experiments and print the findings, each with a remedy.

    Returns:
        1 if a run would go wrong, else 0.

    Raises:
        ConfigError: no experiment is named, or one cannot be used.
    """
    if not settings.experiments:
        raise ConfigError("--humaneval-doctor: name the experiments to check with --humaneval-experiment")
    plan = make_plan(settings, registry)
    findings = []
    for name in plan.experiments:
        print_line(f"{name}:")
        for finding in _check_experiment(plan, name):
            findings.append(finding)
            print_line(f"  {finding.level:<4}  {finding.check}: {finding.message}")
            if finding.remedy:
                print_line(f"        {finding.remedy}")
    levels = Counter(finding.level for finding in findings)
    failures, skipped = levels["FAIL"], f", {levels['skip']} not checked" if levels["skip"] else ""
    print_line(
        f"doctor: {counted(len(findings), 'check')}, {failures} to fix before a run, "
        f"{counted(levels['warn'], 'warning')}{skipped}"
    )
    return 1 if failures else 0


def _check_experiment(plan: Plan, name: str) -> Iterator[Finding]:
    experiment = plan.experiments[name].experiment
    server = experiment.server
    if server is None:
        yield Finding("ok", _SERVER, f"needs none: {experiment.provider}")
        return
    if is_key_missing(server):
        remedy = f"set it to the key, or leave api_key_env out of [servers.{server.name}]"
        yield Finding("FAIL", "API key", f"the environment variable {server.api_key_env} is not set", remedy)
    try:
        headers = sent_headers(experiment.extras.table("extra_headers"), os.environ)
    except ConfigError as error:
        yield Finding("FAIL", "headers", str(error), "set it to what stands in the header for it")
        return
    yield from _check_server(plan, name, server, headers)


def _check_server(plan: Plan, name: str, server: Server, headers: SentHeaders) -> Iterator[Finding]:
    client = ServerClient(server.base_url, os.environ.get(server.api_key_env), headers=headers)
    try:
        models = client.models()
    except ProviderError as error:
        yield Finding(
            "FAIL",
            _SERVER,
            f"{server.base_url} cannot be reached ({error})",
            f"start it: python -m pytest_humaneval.server start {server.name}, vllm serve {server.model}, "
            "or a run with --humaneval-serve",
        )
        return
    # Not fatal: some servers list no models and answer all the same, which the other checks find out.
    except RefusalError as refusal:
        yield replace(failed_request("list of models", refusal, server), level="warn")
        models = []
    else:
        yield Finding("ok", _SERVER, f"{server.base_url} answers (version {client.version() or 'unknown'})")
        yield _served(server, [str(model.get("id")) for model in models])
    model_info = next((model for model in models if model.get("id") == server.model), {})
    yield from check_requests(plan, name, server, client, model_info)


def _served(server: Server, names: list[str]) -> Finding:
    if server.model in names:
        return Finding("ok", _MODEL, f"serves {server.model}")
    return Finding(
        "FAIL",
        _MODEL,
        f"does not serve {server.model!r}; {suggest(server.model, names)}",
        f"write a model that it serves into [servers.{server.name}], or start: vllm serve {server.model}",
    )

"""Check how a server answers an experiment's own requests, with the longest prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pytest_humaneval.commands.findings import Finding, failed_request, is_evidence, run_check
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Request
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.server.client import JSON, RefusalError, ServerClient

# By the name, since the OpenAI API does not report whether a model has been tuned for chat. Most names of
# hosted models, such as gpt-4o, say neither.
_INSTRUCT = re.compile(r"instruct|chat|-it\b|assistant", re.IGNORECASE)
_BASE = re.compile(r"\bbase\b|-pt\b|pretrained", re.IGNORECASE)
_PROBE_TOKENS = 48

_API, _PLAIN, _STOPS, _CHOICES = "API", "plain request", "stop sequences", "n > 1"
_DETERMINISM, _PENALTIES = "repeated answers", "sampling parameters"


def check_requests(
    plan: Plan, name: str, server: Server, client: ServerClient, model_info: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield a finding for each check; ``model_info`` is the server's entry of the experiment's model."""
    resolved = plan.experiments[name]
    requests = [resolved.request(problem) for problem in plan.problems[name].values()]
    longest = max(requests, key=lambda request: sum(len(each.content) for each in request.messages))
    yield _api(resolved.experiment)
    checks: dict[str, Callable[[], Finding]] = {
        _STOPS: lambda: _stops(client, longest),
        _CHOICES: lambda: _choices(client, longest, resolved.experiment.n),
        _DETERMINISM: lambda: _determinism(client, longest),
        _PENALTIES: lambda: _penalties(client, longest),
    }
    try:
        yield _context(client, longest, model_info)
    except (ProviderError, RefusalError) as error:
        yield failed_request(_PLAIN, error, server)
        for check in checks:
            yield Finding("skip", check, "not checked, since the plain request failed")
        return
    for check, find in checks.items():
        yield run_check(check, find)


def _api(experiment: Experiment) -> Finding:
    model, api = experiment.model, experiment.api
    if api == "completion" and _INSTRUCT.search(model):
        found = f"{model} has the name of an instruct model, but is used through the completion API"
        return Finding("warn", _API, found, 'write api = "chat", or serve the base model')
    if api == "chat" and _BASE.search(model) and not _INSTRUCT.search(model):
        found = f"{model} has the name of a base model, but is used through the chat API"
        return Finding("warn", _API, found, 'write api = "completion", or serve the instruct model')
    return Finding("ok", _API, f"{model} is used through the {api} API")


def _body(request: Request, max_tokens: int, n: int = 1) -> JSON:
    # Without extras and stop sequences, so that a check finds only what it is for; those have checks of their
    # own.
    sampling = replace(request.sampling, max_tokens=max_tokens, stop=(), temperature=0.0)
    return Dialect(extras=False).body(replace(request, sampling=sampling), n)


def _context(client: ServerClient, request: Request, model_info: Mapping[str, Any]) -> Finding:
    # max_model_len is vLLM's own addition to the OpenAI API's list of models; other servers do not report a
    # limit.
    usage = client.complete(_body(request, 1)).get("usage") or {}
    prompt, limit = usage.get("prompt_tokens"), model_info.get("max_model_len")
    if not isinstance(prompt, int) or not isinstance(limit, int):
        return Finding("ok", _PLAIN, "takes the longest prompt; its context length is unknown")
    needed = prompt + request.sampling.max_tokens
    found = f"the longest prompt has {prompt} tokens, with max_tokens {needed}; the context is {limit}"
    if needed <= limit:
        return Finding("ok", _PLAIN, found)
    remedy = f"lower max_tokens to {max(1, limit - prompt)}, or serve with --max-model-len {needed}"
    return Finding("FAIL", _PLAIN, found, remedy)


def _stops(client: ServerClient, request: Request) -> Finding:
    stops = request.sampling.stop
    if not stops:
        return Finding("ok", _STOPS, "the experiment has none")
    try:
        client.complete(_body(request, 1) | {"stop": list(stops)})
    except RefusalError as refusal:
        if not is_evidence(refusal):
            raise
        remedy = (
            "a run sends only the first four and applies the others itself; use at most four to avoid that"
        )
        return Finding("warn", _STOPS, f"refuses {len(stops)} ({refusal})", remedy)
    return Finding("ok", _STOPS, f"takes {len(stops)}")


def _choices(client: ServerClient, request: Request, n: int) -> Finding:
    remedy = "a run requests one completion at a time instead: right, but slower" if n > 1 else ""
    level: Literal["warn", "ok"] = "warn" if n > 1 else "ok"
    try:
        choices = client.complete(_body(request, 1, n=2) | {"temperature": 0.7}).get("choices") or []
    except RefusalError as refusal:
        if not is_evidence(refusal):
            raise
        return Finding(level, _CHOICES, f"refuses several completions a request ({refusal})", remedy)
    if len(choices) != 2:
        return Finding(level, _CHOICES, "gives one completion a request, whatever n is", remedy)
    return Finding("ok", _CHOICES, "gives several completions a request")


def _determinism(client: ServerClient, request: Request) -> Finding:
    one, other = (_text(client.complete(_body(request, _PROBE_TOKENS))) for _ in range(2))
    if one == other:
        return Finding("ok", _DETERMINISM, "two greedy calls give the same text")
    remedy = "scores will move between runs: serve with VLLM_BATCH_INVARIANT=1, or one request at a time"
    return Finding("warn", _DETERMINISM, "two greedy calls give different texts", remedy)


def _penalties(client: ServerClient, request: Request) -> Finding:
    """Detect default penalties of the server, by requests with and without neutral values."""
    neutral = {"top_p": 1.0, "top_k": -1, "repetition_penalty": 1.0}
    without = {key: value for key, value in _body(request, _PROBE_TOKENS).items() if key != "top_p"}
    try:
        neutral_text = _text(client.complete({**without, **neutral}))
    except RefusalError as refusal:
        if not is_evidence(refusal):
            raise
        remedy = "its own defaults (generation_config.json) apply; vLLM: serve with --generation-config vllm"
        return Finding("warn", _PENALTIES, f"does not take top_k and repetition_penalty ({refusal})", remedy)
    if neutral_text == _text(client.complete(without)):
        return Finding("ok", _PENALTIES, "applies no penalties of its own")
    remedy = "runs send neutral values, other clients may not; vLLM: serve with --generation-config vllm"
    return Finding(
        "warn",
        _PENALTIES,
        "the model's generation_config changes greedy answers to requests without parameters",
        remedy,
    )


def _text(answer: JSON) -> str:
    try:
        choice = answer["choices"][0]
        return str(choice["text"] if "text" in choice else choice["message"]["content"])
    except (KeyError, IndexError, TypeError) as error:
        raise ProviderError(f"an answer without a text ({error!r})") from error

"""Check how a server answers an experiment's own requests, with the longest prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Request
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.server.client import JSON, RefusalError, ServerClient

# By the name, since the OpenAI API does not report whether a model has been tuned for chat.
_INSTRUCT = re.compile(r"instruct|chat|-it\b|assistant", re.IGNORECASE)
_PROBE_TOKENS = 48


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        level: "ok", "warn" for what a reader should know, "FAIL" if a run would go wrong.
        message: what was found.
        remedy: what to do about it; empty if nothing.
    """

    level: Literal["ok", "warn", "FAIL"]
    message: str
    remedy: str = ""


def check_requests(
    plan: Plan, name: str, client: ServerClient, model_info: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield a finding for each check; ``model_info`` is the server's entry of the experiment's model."""
    resolved = plan.experiments[name]
    requests = [resolved.request(problem) for problem in plan.problems.values()]
    longest = max(requests, key=lambda request: sum(len(each.content) for each in request.messages))
    yield _api(resolved.experiment)
    checks: tuple[Callable[[], Finding], ...] = (
        lambda: _context(client, longest, model_info),
        lambda: _stops(client, longest),
        lambda: _choices(client, longest, resolved.experiment.n),
        lambda: _determinism(client, longest),
        lambda: _penalties(client, longest),
    )
    for check in checks:
        yield _run_check(check)


def _run_check(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ProviderError as error:
        return Finding("FAIL", f"no usable answer ({error})", "look into the server's own log")
    except RefusalError as refusal:
        return Finding(
            "FAIL", f"refused ({refusal})", "the server's message above names what it does not accept"
        )


def _api(experiment: Experiment) -> Finding:
    is_instruct = _INSTRUCT.search(experiment.model) is not None
    if is_instruct and experiment.api == "completion":
        found = (
            f"{experiment.model} has the name of an instruct model, but is used through the completion API"
        )
        return Finding("warn", found, 'write api = "chat", or serve the base model')
    if not is_instruct and experiment.api == "chat":
        found = f"{experiment.model} has the name of a base model, but is used through the chat API"
        return Finding("warn", found, 'write api = "completion", or serve the instruct model')
    return Finding("ok", f"{experiment.model} is used through the {experiment.api} API")


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
        return Finding("ok", "takes the longest prompt; its context length is unknown")
    needed = prompt + request.sampling.max_tokens
    found = f"the longest prompt has {prompt} tokens, with max_tokens {needed}; the context is {limit}"
    if needed <= limit:
        return Finding("ok", found)
    remedy = f"lower max_tokens to {max(1, limit - prompt)}, or serve with --max-model-len {needed}"
    return Finding("FAIL", found, remedy)


def _stops(client: ServerClient, request: Request) -> Finding:
    stops = request.sampling.stop
    try:
        client.complete({**_body(request, 1), **({"stop": list(stops)} if stops else {})})
    except RefusalError as refusal:
        remedy = (
            "a run sends only the first four and applies the others itself; use at most four to avoid that"
        )
        return Finding("warn", f"refuses {len(stops)} stop sequences ({refusal})", remedy)
    return Finding("ok", f"takes {len(stops)} stop sequences")


def _choices(client: ServerClient, request: Request, n: int) -> Finding:
    remedy = "a run asks for one completion at a time instead: right, but slower"
    try:
        choices = client.complete(_body(request, 1, n=2) | {"temperature": 0.7}).get("choices") or []
    except RefusalError as refusal:
        return Finding("warn" if n > 1 else "ok", f"refuses n > 1 ({refusal})", remedy if n > 1 else "")
    if len(choices) != 2:
        return Finding("warn" if n > 1 else "ok", "ignores n > 1", remedy if n > 1 else "")
    return Finding("ok", "gives several completions at once")


def _determinism(client: ServerClient, request: Request) -> Finding:
    one, other = (_text(client.complete(_body(request, _PROBE_TOKENS))) for _ in range(2))
    if one == other:
        return Finding("ok", "two greedy calls give the same text")
    remedy = "scores will move between runs: serve with VLLM_BATCH_INVARIANT=1, or one request at a time"
    return Finding("warn", "two greedy calls give different texts", remedy)


def _penalties(client: ServerClient, request: Request) -> Finding:
    """Detect default penalties of the server, by requests with and without neutral values."""
    neutral = {"top_p": 1.0, "top_k": -1, "repetition_penalty": 1.0}
    without = {key: value for key, value in _body(request, _PROBE_TOKENS).items() if key != "top_p"}
    try:
        neutral_text = _text(client.complete({**without, **neutral}))
    except RefusalError as refusal:
        remedy = "its own defaults (generation_config.json) apply; vLLM: serve with --generation-config vllm"
        return Finding("warn", f"does not take top_k and repetition_penalty ({refusal})", remedy)
    if neutral_text == _text(client.complete(without)):
        return Finding("ok", "applies no penalties of its own")
    remedy = "runs send neutral values, other clients may not; vLLM: serve with --generation-config vllm"
    return Finding(
        "warn", "the model's generation_config changes greedy answers to requests without parameters", remedy
    )


def _text(answer: JSON) -> str:
    try:
        choice = answer["choices"][0]
        return str(choice["text"] if "text" in choice else choice["message"]["content"])
    except (KeyError, IndexError, TypeError) as error:
        raise ProviderError(f"an answer without a text ({error!r})") from error

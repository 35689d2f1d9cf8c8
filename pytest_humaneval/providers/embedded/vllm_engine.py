"""The engine that runs a causal language model by vLLM in this process, without a server.

Only provider.py imports this, and only when a completion is requested: vLLM takes ten seconds to load.
https://docs.vllm.ai/en/latest/serving/offline_inference.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.served_adapter import served_name, served_rank
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, Request

# Set before vLLM is imported, which sets up its logging then; what the user has set stays. With
# multiprocessing, the engine would be a process of its own, not this one.
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")

import vllm
from vllm.lora.request import LoRARequest

from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.loading import one_line_errors
from pytest_humaneval.providers.embedded.prompt_embeds import PromptEmbedder


class OfflineVLLM:
    """A model that vLLM has loaded, as an engine."""

    def __init__(self, embedded: Embedded, adapter: Adapter | None = None) -> None:
        """Load the model, and put an adapter on it.

        Raises:
            ProviderError: it cannot be loaded; the text says why in one line.
        """
        self._name = embedded.model
        self._lora, self._embedder = None, None
        if adapter is not None and adapter.is_lora:
            # The number tells adapters of one engine apart, and this one has one.
            self._lora = LoRARequest(served_name(adapter), 1, str(adapter.folder))
        elif adapter is not None:
            self._embedder = PromptEmbedder(embedded, adapter)
        # generation_config: else the model's own defaults would apply wherever a request leaves a parameter
        # out. The experiment's engine_args come last and win.
        defaults = {"disable_log_stats": True, "generation_config": "vllm", **_arguments(adapter)}
        arguments = {**defaults, **embedded.engine_args}
        with one_line_errors(f"the model {self._name} cannot be loaded by vLLM"):
            self._llm = vllm.LLM(embedded.model, dtype=embedded.dtype, **arguments)
            self._tokenizer = self._llm.get_tokenizer()
        self._context_tokens = int(self._llm.llm_engine.model_config.max_model_len)

    def answer(self, draws: Sequence[Draw], emit: EmitDraw, is_cancelled: Callable[[], bool]) -> None:
        """Emit every draw as soon as its completion ends; return when all have, or at a cancel.

        Raises:
            ProviderError: the model cannot answer such requests, or it failed.
            ConfigError: the adapter belongs to another model.
        """
        # Not earlier: this provider holds the lock of loading while it makes the engine.
        if self._embedder is not None:
            self._embedder.load()
        # LLM.generate() returns when all completions have ended; the engine beneath gives each as it ends.
        engine, in_flight = self._llm.llm_engine, dict[str, Draw]()
        try:
            for number, draw in enumerate(draws):
                if reason := self._admit(str(number), draw):
                    emit((draw, NoCompletion(reason)))
                else:
                    in_flight[str(number)] = draw
            while in_flight and not is_cancelled():
                with one_line_errors(f"the model {self._name} failed"):
                    outputs = engine.step()
                for output in outputs:
                    if output.finished:
                        emit((in_flight.pop(output.request_id), _completion(output)))
        finally:
            # The engine lives on for the next batch, and would continue these with it.
            engine.abort_request(list(in_flight))

    def _admit(self, request_id: str, draw: Draw) -> str | None:
        """Queue a draw; return None, or why it cannot be answered."""
        request = draw.request
        if request.api == "chat" and not self._tokenizer.chat_template:
            raise ProviderError(
                f'the model {self._name} has no chat template, so it cannot be used with api = "chat"; '
                'take an instruct model, or api = "completion"'
            )
        with one_line_errors(f"the chat template of {self._name} refuses the request"):
            prompt, length = self._prompt(request)
        # Checked here: add_request raises for a prompt that is too long, which would end the whole batch.
        wanted = request.sampling.max_tokens
        if length + wanted > self._context_tokens:
            return (
                f"the prompt's {length} tokens and max_tokens = {wanted} are more than the context of "
                f"{self._name}, {self._context_tokens} tokens"
            )
        # Such as a bias of a token that the model does not have: every other request has it as well.
        with one_line_errors(f"the model {self._name} refuses the request"):
            parameters = _parameters(request, draw.sample_index)
            self._llm.llm_engine.add_request(request_id, prompt, parameters, lora_request=self._lora)
        return None

    def _prompt(self, request: Request) -> tuple[dict[str, Any], int]:
        """Return a prompt in the form that vLLM takes, and its length in tokens."""
        if self._embedder is None:
            tokens = prompt_tokens(request, self._tokenizer)
            return {"prompt_token_ids": tokens}, len(tokens)
        embeddings = self._embedder.embeddings(request)
        return {"prompt_embeds": embeddings.to(self._llm.llm_engine.model_config.dtype)}, len(embeddings)


def _arguments(adapter: Adapter | None) -> Mapping[str, Any]:
    """Return the arguments of ``vllm.LLM`` that an adapter needs."""
    if adapter is None:
        return {}
    if adapter.is_lora:
        return {"enable_lora": True, "max_lora_rank": served_rank([adapter])}
    return {"enable_prompt_embeds": True}


def _parameters(request: Request, sample_index: int) -> vllm.SamplingParams:
    sampling = request.sampling
    return vllm.SamplingParams(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        repetition_penalty=sampling.repetition_penalty,
        max_tokens=sampling.max_tokens,
        stop=list(sampling.stop),
        min_p=sampling.min_p or 0.0,
        presence_penalty=sampling.presence_penalty or 0.0,
        frequency_penalty=sampling.frequency_penalty or 0.0,
        logit_bias={int(token): bias for token, bias in request.extras.table("logit_bias").items()} or None,
        seed=None if sampling.seed is None else sampling.seed + sample_index,
        # 0: of the drawn token alone.
        logprobs=0 if request.logprobs else None,
        # Only finished completions: by default every step yields every text so far.
        output_kind=vllm.sampling_params.RequestOutputKind.FINAL_ONLY,
    )


def _completion(output: vllm.RequestOutput) -> DrawResult:
    [choice] = output.outputs
    if choice.finish_reason not in ("stop", "length"):
        return NoCompletion(f"vLLM gave up on the request ({choice.finish_reason})")
    return Completion(
        choice.text,
        choice.finish_reason,
        prompt_tokens=len(output.prompt_token_ids or ()),
        completion_tokens=len(choice.token_ids),
        mean_logprob=_mean_logprob(choice),
    )


def _mean_logprob(choice: vllm.CompletionOutput) -> float | None:
    # The sum over all tokens, the one that ended the text among them; None where it was not asked for.
    total, tokens = choice.cumulative_logprob, len(choice.token_ids)
    return None if total is None or not tokens else float(total) / tokens

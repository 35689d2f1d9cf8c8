"""A causal language model run by vLLM in this process, without a server.

Only embedded.py imports this, and only when a completion is asked for: vLLM takes ten seconds to load.
https://docs.vllm.ai/en/latest/serving/offline_inference.html
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, Sampling

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # else the engine is a process of its own
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")

import vllm

from pytest_humaneval.providers.embedded.loading import told_in_a_line

EmitDraw = Callable[[tuple[Draw, "Completion | NoCompletion"]], None]


class OfflineVLLM:
    """A loaded model."""

    def __init__(self, embedded: Embedded) -> None:
        """Load the model.

        Raises:
            ProviderError: it cannot be loaded; the text says why in one line.
        """
        self._name = embedded.model
        arguments = {"disable_log_stats": True, "generation_config": "vllm", **embedded.engine_args}
        with told_in_a_line(f"the model {self._name} cannot be loaded by vLLM"):
            self._llm = vllm.LLM(embedded.model, dtype=embedded.dtype, **arguments)
            self._tokenizer = self._llm.get_tokenizer()
        self._context_tokens = int(self._llm.llm_engine.model_config.max_model_len)

    def answer(self, draws: Sequence[Draw], deliver: EmitDraw, is_cancelled: Callable[[], bool]) -> None:
        """EmitDraw every draw as soon as its completion ends, until all are or ``is_cancelled`` says so.

        Raises:
            ProviderError: no completion can be had of this model in this way.
        """
        engine, flying = self._llm.llm_engine, dict[str, Draw]()
        try:
            for number, draw in enumerate(draws):
                if reason := self._admit(str(number), draw):
                    deliver((draw, NoCompletion(reason)))
                else:
                    flying[str(number)] = draw
            while flying and not is_cancelled():
                with told_in_a_line(f"the model {self._name} failed"):
                    outputs = engine.step()
                for output in outputs:
                    if output.finished:
                        deliver((flying.pop(output.request_id), _completion(output)))
        finally:
            engine.abort_request(list(flying))

    def _admit(self, request_id: str, draw: Draw) -> str | None:
        """Queue a draw; return why it cannot be answered, if it cannot."""
        request = draw.request
        if request.api == "chat" and not self._tokenizer.chat_template:
            raise ProviderError(
                f'the model {self._name} has no chat template, so it cannot be asked with api = "chat"; '
                'take an instruct model, or api = "completion"'
            )
        with told_in_a_line(f"the chat template of {self._name} refuses the request"):
            tokens = prompt_tokens(request, self._tokenizer)
        wanted = request.sampling.max_tokens
        if len(tokens) + wanted > self._context_tokens:
            return (
                f"the prompt's {len(tokens)} tokens and max_tokens = {wanted} are more than the context of "
                f"{self._name}, {self._context_tokens} tokens"
            )
        parameters = _parameters(request.sampling, draw.sample_index)
        self._llm.llm_engine.add_request(request_id, {"prompt_token_ids": tokens}, parameters)
        return None


def _parameters(sampling: Sampling, sample_index: int) -> vllm.SamplingParams:
    return vllm.SamplingParams(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=sampling.top_k,
        repetition_penalty=sampling.repetition_penalty,
        max_tokens=sampling.max_tokens,
        stop=list(sampling.stop),
        seed=None if sampling.seed is None else sampling.seed + sample_index,
        output_kind=vllm.sampling_params.RequestOutputKind.FINAL_ONLY,
    )


def _completion(output: vllm.RequestOutput) -> Completion | NoCompletion:
    [said] = output.outputs
    if said.finish_reason not in ("stop", "length"):
        return NoCompletion(f"vLLM gave up on the request ({said.finish_reason})")
    return Completion(
        said.text,
        said.finish_reason,
        prompt_tokens=len(output.prompt_token_ids or ()),
        completion_tokens=len(said.token_ids),
    )

"""The engine that runs a causal language model by transformers and torch.

Only provider.py imports this, and only when a completion is requested: both libraries take seconds to load.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from transformers import GenerationConfig

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.prompt_tokens import prompt_tokens
from pytest_humaneval.core.records import Draw, NoCompletion, Request, Sampling
from pytest_humaneval.providers.embedded.adapter_weights import put_on
from pytest_humaneval.providers.embedded.batches import batch_for
from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.loading import load, one_line_errors
from pytest_humaneval.providers.embedded.sequence import GrowingSequence


class CausalLM:
    """A model that transformers has loaded, as an engine."""

    def __init__(self, embedded: Embedded, adapter: Adapter | None = None) -> None:
        """Load the model, and put an adapter on it.

        Raises:
            ProviderError: the model cannot be loaded; the text says why in one line.
            ConfigError: the adapter belongs to another model.
        """
        self._name = embedded.model
        self._loaded = load(embedded)
        self._model, self._tokenizer = self._loaded.model, self._loaded.tokenizer
        self._prefix = put_on(self._loaded, adapter)
        self._ends = self._find_end_tokens()
        # Else defaults from the model's generation_config.json (temperature, penalties) would apply where a
        # batch leaves a parameter out.
        self._model.generation_config = GenerationConfig(pad_token_id=self._pad_token())
        self._batch = batch_for(self._model, self._prefix, embedded.batch_size)

    def answer(self, draws: Sequence[Draw], emit: EmitDraw, is_cancelled: Callable[[], bool]) -> None:
        """Emit every draw as soon as its completion ends; return when all have, or at a cancel.

        Raises:
            ProviderError: the model cannot answer such requests, or it failed.
        """
        rows = list[GrowingSequence]()
        for draw in draws:
            self._check_room(draw.request.sampling)
            self._check_bias(draw.request)
            prompt = self._tokens(draw.request)
            if reason := self._too_long(len(prompt), draw.request.sampling):
                emit((draw, NoCompletion(reason)))
            else:
                rows.append(GrowingSequence(draw, prompt, self._tokenizer, self._ends))
        with one_line_errors(f"the model {self._name} failed"):
            self._batch.answer(rows, emit, is_cancelled)

    def _tokens(self, request: Request) -> list[int]:
        if request.api == "chat" and not self._tokenizer.chat_template:
            raise ProviderError(
                f'the model {self._name} has no chat template, so it cannot be used with api = "chat"; '
                'take an instruct model, or api = "completion"'
            )
        with one_line_errors(f"the chat template of {self._name} refuses the request"):
            return prompt_tokens(request, self._tokenizer)

    def _check_room(self, sampling: Sampling) -> None:
        context = self._loaded.context_tokens
        if context is not None and sampling.max_tokens >= context:
            raise ProviderError(
                f"max_tokens = {sampling.max_tokens} leaves no room for a prompt: the context of "
                f"{self._name} is {context} tokens; write less"
            )

    def _check_bias(self, request: Request) -> None:
        size = self._model.get_output_embeddings().weight.shape[0]
        if beyond := [token for token in request.extras.table("logit_bias") if int(token) >= size]:
            raise ProviderError(
                f"logit_bias: {self._name} has no token {beyond[0]}; its tokens are 0 to {size - 1}"
            )

    def _too_long(self, tokens: int, sampling: Sampling) -> str | None:
        context = self._loaded.context_tokens
        length = tokens + self._prefix.length
        if context is None or length + sampling.max_tokens <= context:
            return None
        return (
            f"the prompt's {length} tokens and max_tokens = {sampling.max_tokens} are more than "
            f"the context of {self._name}, {context} tokens"
        )

    def _find_end_tokens(self) -> frozenset[int]:
        # Chat models may end a message with another token than a text: each of them ends a completion.
        configured = self._model.generation_config.eos_token_id
        ends = configured if isinstance(configured, list) else [configured]
        return frozenset(token for token in (self._tokenizer.eos_token_id, *ends) if token is not None)

    def _pad_token(self) -> int:
        pad = self._tokenizer.pad_token_id
        # Any token will do: the attention mask hides padding from the model.
        return pad if pad is not None else min(self._ends, default=0)

"""A causal language model with its tokenizer, loaded by transformers and run by torch.

Only embedded.py imports this, and only when a completion is asked for: both libraries take seconds to load.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from pytest_humaneval.core.embedded import Embedded
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, Request, Sampling
from pytest_humaneval.providers.continuation import Continuation
from pytest_humaneval.providers.token_loop import continue_batch

Deliver = Callable[[tuple[Draw, "Completion | NoCompletion"]], None]


class CausalLM:
    """A loaded model."""

    def __init__(self, embedded: Embedded) -> None:
        """Load the model.

        Raises:
            ProviderError: it cannot be loaded; the text says why in one line.
        """
        self._name, self._batch_size = embedded.model, embedded.batch_size
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        torch.set_num_threads(embedded.threads or _cores())
        device = _device(embedded)
        with _told_in_a_line(f"the model {embedded.model} cannot be loaded"):
            self._tokenizer = AutoTokenizer.from_pretrained(embedded.model)
            model, told = AutoModelForCausalLM.from_pretrained(
                embedded.model, dtype=_dtype(embedded, device), output_loading_info=True
            )
            self._model = model.to(device).eval()
        if told["missing_keys"]:
            raise ProviderError(
                f"the model {embedded.model} cannot be used: its weights lack {len(told['missing_keys'])} "
                f"tensors, such as {min(told['missing_keys'])}"
            )
        self._ends = self._end_tokens()
        # The model's own defaults (temperature, penalties) would fill in what a batch leaves unsaid.
        self._model.generation_config = GenerationConfig(pad_token_id=self._pad_token())

    @property
    def context_tokens(self) -> int | None:
        """The longest sequence, prompt and completion together, that the model was made for."""
        limit = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        return limit if isinstance(limit, int) else None

    def answer(self, draws: Sequence[Draw], deliver: Deliver, is_cancelled: Callable[[], bool]) -> None:
        """Deliver every draw as soon as its completion ends, until all are or ``is_cancelled`` says so.

        Raises:
            ProviderError: no completion can be had of this model in this way.
        """
        groups: dict[Sampling, list[Continuation]] = {}
        for draw in draws:
            self._check_room(draw.request.sampling)
            prompt = self._tokens(draw.request)
            if reason := self._too_long(len(prompt), draw.request.sampling):
                deliver((draw, NoCompletion(reason)))
            else:
                continuation = Continuation(draw, prompt, self._tokenizer, self._ends)
                groups.setdefault(draw.request.sampling, []).append(continuation)
        for group in groups.values():
            self._answer_alike(group, deliver, is_cancelled)

    def _answer_alike(
        self, waiting: list[Continuation], deliver: Deliver, is_cancelled: Callable[[], bool]
    ) -> None:
        """Answer draws of the same sampling: the longest first, so that a lack of memory shows at once."""
        while waiting and not is_cancelled():
            waiting.sort(key=lambda continuation: continuation.length, reverse=True)
            batch, waiting = waiting[: self._batch_size], waiting[self._batch_size :]
            with _told_in_a_line(f"the model {self._name} failed"):
                waiting += continue_batch(self._model, batch, deliver, is_cancelled)

    def _tokens(self, request: Request) -> list[int]:
        if request.api == "completion":
            return list(self._tokenizer(request.text).input_ids)
        if not self._tokenizer.chat_template:
            raise ProviderError(
                f'the model {self._name} has no chat template, so it cannot be asked with api = "chat"; '
                'take an instruct model, or api = "completion"'
            )
        turns = [{"role": message.role, "content": message.content} for message in request.messages]
        with _told_in_a_line(f"the chat template of {self._name} refuses the request"):
            text = self._tokenizer.apply_chat_template(turns, tokenize=False, **_ending(request))
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _check_room(self, sampling: Sampling) -> None:
        context = self.context_tokens
        if context is not None and sampling.max_tokens >= context:
            raise ProviderError(
                f"max_tokens = {sampling.max_tokens} leaves no room for a prompt: the context of "
                f"{self._name} is {context} tokens; write less"
            )

    def _too_long(self, prompt_tokens: int, sampling: Sampling) -> str | None:
        context = self.context_tokens
        if context is None or prompt_tokens + sampling.max_tokens <= context:
            return None
        return (
            f"the prompt's {prompt_tokens} tokens and max_tokens = {sampling.max_tokens} are more than "
            f"the context of {self._name}, {context} tokens"
        )

    def _end_tokens(self) -> frozenset[int]:
        stated = self._model.generation_config.eos_token_id
        ends = stated if isinstance(stated, list) else [stated]
        return frozenset(token for token in (self._tokenizer.eos_token_id, *ends) if token is not None)

    def _pad_token(self) -> int:
        pad = self._tokenizer.pad_token_id
        return pad if pad is not None else min(self._ends, default=0)


def _ending(request: Request) -> dict[str, bool]:
    """Return how the template shall end: with a new turn, or in the midst of what was put into the mouth."""
    is_begun = request.messages[-1].role == "assistant"
    return {"continue_final_message": True} if is_begun else {"add_generation_prompt": True}


@contextmanager
def _told_in_a_line(what: str) -> Iterator[None]:
    """Turn whatever the libraries raise into one line: what failed, and the first words of the reason."""
    try:
        yield
    except torch.cuda.OutOfMemoryError as error:
        raise ProviderError(f"{what}: the GPU's memory is full; write a smaller batch_size") from error
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise ProviderError(f"{what}: {reason}") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _device(embedded: Embedded) -> torch.device:
    if embedded.device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with _told_in_a_line(f"the device {embedded.device!r} cannot be used"):
        device = torch.device(embedded.device)
        torch.empty(1, device=device)
    return device


def _dtype(embedded: Embedded, device: torch.device) -> torch.dtype:
    if embedded.dtype != "auto":
        return getattr(torch, embedded.dtype)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if _cpu_has_bfloat16() else torch.float32


def _cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 by itself; emulated, it is slower than float32."""
    can = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16"))

"""A causal language model and its tokenizer, loaded by transformers onto a device that torch knows."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.errors import HumanEvalError, ProviderError


@dataclass(frozen=True)
class Loaded:
    """A model, ready to be run, and its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @property
    def context_tokens(self) -> int | None:
        """The longest sequence, prompt and completion together, that the model was made for."""
        limit = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return limit if isinstance(limit, int) else None

    @property
    def width(self) -> int:
        """Numbers in a token's embedding."""
        return int(self.model.get_input_embeddings().weight.shape[1])

    @property
    def tokenizer_sha256(self) -> str:
        """SHA-256 (hex) of the vocabulary, each token with its id."""
        vocabulary = sorted(self.tokenizer.get_vocab().items())
        return hashlib.sha256(json.dumps(vocabulary).encode("ascii")).hexdigest()


def load(embedded: Embedded) -> Loaded:
    """Load a model; torch's threads are set to what the experiment says.

    Raises:
        ProviderError: it cannot be loaded; the text says why in one line.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(embedded.threads or _cores())
    device = choose_device(embedded)
    with told_in_a_line(f"the model {embedded.model} cannot be loaded"):
        tokenizer = AutoTokenizer.from_pretrained(embedded.model)
        model, told = AutoModelForCausalLM.from_pretrained(
            embedded.model, dtype=choose_dtype(embedded, device), output_loading_info=True
        )
        model = model.to(device).eval()
    if told["missing_keys"]:
        raise ProviderError(
            f"the model {embedded.model} cannot be used: its weights lack {len(told['missing_keys'])} "
            f"tensors, such as {min(told['missing_keys'])}"
        )
    return Loaded(model, tokenizer)


@contextmanager
def told_in_a_line(what: str) -> Iterator[None]:
    """Turn whatever the libraries raise into one line: what failed, and the first words of the reason."""
    try:
        yield
    except HumanEvalError:
        raise
    except torch.cuda.OutOfMemoryError as error:
        raise ProviderError(f"{what}: the GPU's memory is full; write a smaller batch_size") from error
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise ProviderError(f"{what}: {reason}") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_device(embedded: Embedded) -> torch.device:
    """Return the device that is asked for, or a GPU where there is one, else the CPU.

    Raises:
        ProviderError: torch cannot use it.
    """
    if embedded.device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with told_in_a_line(f"the device {embedded.device!r} cannot be used"):
        device = torch.device(embedded.device)
        torch.empty(1, device=device)
    return device


def choose_dtype(embedded: Embedded, device: torch.device) -> torch.dtype:
    """Return the number format that is asked for, or bfloat16 where the device has it."""
    if embedded.dtype != "auto":
        return getattr(torch, embedded.dtype)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if _cpu_has_bfloat16() else torch.float32


def _cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 by itself; emulated, it is slower than float32."""
    can = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(can.get("avx512_bf16") or can.get("amx_bf16") or can.get("bf16"))

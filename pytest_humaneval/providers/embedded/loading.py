"""Loading a causal language model and its tokenizer by transformers: device, number format, errors."""

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
    """A model, ready to run, and its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @property
    def context_tokens(self) -> int | None:
        """The longest sequence that the model was made for, prompt and completion together; None: unknown."""
        # A model of images and text has a configuration for each; for others get_text_config is the whole.
        limit = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return limit if isinstance(limit, int) else None

    @property
    def width(self) -> int:
        """How many numbers an embedding of one token has."""
        return int(self.model.get_input_embeddings().weight.shape[1])

    @property
    def tokenizer_sha256(self) -> str:
        """SHA-256 (hex) over the vocabulary: each token with its id."""
        vocabulary = sorted(self.tokenizer.get_vocab().items())
        return hashlib.sha256(json.dumps(vocabulary).encode("ascii")).hexdigest()


def load(embedded: Embedded) -> Loaded:
    """Load a model and its tokenizer; set the number of torch's threads, which is one for the process.

    Raises:
        ProviderError: it cannot be loaded; the text says why in one line.
    """
    # Warnings and bars of the library would break up the progress line.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(embedded.threads or _cores())
    device = choose_device(embedded)
    with one_line_errors(f"the model {embedded.model} cannot be loaded"):
        tokenizer = AutoTokenizer.from_pretrained(embedded.model)
        model, loading_info = AutoModelForCausalLM.from_pretrained(
            embedded.model, dtype=choose_dtype(embedded, device), output_loading_info=True
        )
        model = model.to(device).eval()
    # transformers fills missing tensors with random numbers and only warns.
    if missing := loading_info["missing_keys"]:
        raise ProviderError(
            f"the model {embedded.model} cannot be used: its weights lack {len(missing)} tensors, "
            f"such as {min(missing)}"
        )
    return Loaded(model, tokenizer)


@contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Turn any exception of the libraries into a ProviderError of one line: ``what``, and the reason.

    Raises:
        ProviderError: in place of whatever was raised, except this package's own errors.
    """
    try:
        yield
    except HumanEvalError:
        raise
    except torch.cuda.OutOfMemoryError as error:
        raise ProviderError(f"{what}: the GPU's memory is full; write a smaller batch_size") from error
    except Exception as error:
        # Many messages of torch and transformers go on for a page; the first line says what is wrong.
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[0] if lines else type(error).__name__
        raise ProviderError(f"{what}: {reason}") from error


def _cores() -> int:
    # Not cpu_count, which also counts cores that this process may not run on (containers, taskset).
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_device(embedded: Embedded) -> torch.device:
    """Return the device that the experiment names; by default a GPU if there is one, else the CPU.

    Raises:
        ProviderError: torch cannot use the named device.
    """
    if embedded.device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with one_line_errors(f"the device {embedded.device!r} cannot be used"):
        device = torch.device(embedded.device)
        # A name is only checked for its form: whether the device exists shows when it is used.
        torch.empty(1, device=device)
    return device


def choose_dtype(embedded: Embedded, device: torch.device) -> torch.dtype:
    """Return the number format that the experiment names; by default bfloat16 if the device has it."""
    if embedded.dtype != "auto":
        return getattr(torch, embedded.dtype)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if _cpu_has_bfloat16() else torch.float32


def _cpu_has_bfloat16() -> bool:
    """Return whether the CPU multiplies bfloat16 itself; emulated, it is slower than float32."""
    # Older versions of torch do not have it.
    has = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))

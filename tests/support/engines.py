"""Real model engines for the tests, where they are installed: in the test's own process, or as a server."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.server.lifecycle import serving
from pytest_humaneval.server.local import LocalService
from tests.support.chain_model import write_chain_model

needs_engine = pytest.mark.skipif(
    not all(importlib.util.find_spec(library) for library in ("torch", "transformers")),
    reason='the embedded engine is not installed: pip install "pytest-humaneval[embedded]"',
)
needs_vllm = [
    pytest.mark.vllm,
    pytest.mark.skipif(
        importlib.util.find_spec("vllm") is None, reason="vLLM is not installed: see tests/vllm_cpu/README.md"
    ),
    # vLLM and what it imports warn of many things, and here every warning is an error.
    pytest.mark.filterwarnings("ignore"),
]

CONTEXT_TOKENS = 2048
LOADING_LIMIT_S = 400.0
"""For a run that loads vLLM in its own process: on a busy machine that has taken 100 s."""
SERVE_ARGS = ("--enforce-eager", "--max-model-len", str(CONTEXT_TOKENS), "--enable-prompt-embeds")
THINKING_ARGS = ("--enforce-eager", "--max-model-len", str(CONTEXT_TOKENS), "--reasoning-parser", "qwen3")
SMALL_FOOTPRINT = {
    "HF_HUB_OFFLINE": "1",
    # A tiny model is only slowed down by more threads.
    "OMP_NUM_THREADS": "1",
    # In GiB.
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}
"""Environment variables that have vLLM use little of a machine: it serves a tiny model."""


def free_port() -> int:
    """Return a port of loopback that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memoriser_server(name: str = "memoriser") -> Server:
    """Return the shipped model as a server on a free port; nothing is started."""
    return Server(
        f"http://127.0.0.1:{free_port()}/v1", str(MEMORISER_MODEL), serve_args=SERVE_ARGS, name=name
    )


@pytest.fixture(scope="session")
def vllm_small_footprint() -> Iterator[None]:
    """Have every vLLM that a test starts use little memory and one thread."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALL_FOOTPRINT.items():
            # What the user has set stays.
            patch.setenv(name, os.environ.get(name, value))
        yield


@pytest.fixture(scope="session")
def vllm_service(request: pytest.FixtureRequest) -> Iterator[LocalService]:
    """Return a real vLLM that serves the shipped model on loopback, for all tests of this process."""
    request.getfixturevalue("vllm_small_footprint")
    service = LocalService(memoriser_server(), request.getfixturevalue("tmp_path_factory").mktemp("vllm"))
    with serving([service], lambda _text: None):
        yield service
    assert not service.is_running()


@pytest.fixture(scope="session")
def chain_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the model that thinks, and always answers the same."""
    return write_chain_model(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="session")
def thinking_service(request: pytest.FixtureRequest, chain_model: Path) -> Iterator[LocalService]:
    """Return a real vLLM that keeps the thoughts of the chain model apart, with its prefix cache on."""
    request.getfixturevalue("vllm_small_footprint")
    arguments = (*THINKING_ARGS, "--enable-prefix-caching")
    url = f"http://127.0.0.1:{free_port()}/v1"
    server = Server(url, str(chain_model), serve_args=arguments, name="thinking")
    service = LocalService(server, request.getfixturevalue("tmp_path_factory").mktemp("vllm"))
    with serving([service], lambda _text: None):
        yield service
    assert not service.is_running()

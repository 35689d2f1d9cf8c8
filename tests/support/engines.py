"""Engines for real models, where they are installed: in the test's own process, or as a server."""

from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator

import pytest

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.server.lifecycle import serving
from pytest_humaneval.server.local import LocalService

needs_engine = pytest.mark.skipif(
    not all(importlib.util.find_spec(library) for library in ("torch", "transformers")),
    reason='the embedded engine is not installed: pip install "pytest-humaneval[embedded]"',
)
needs_vllm = [
    pytest.mark.vllm,
    pytest.mark.skipif(
        importlib.util.find_spec("vllm") is None, reason="vLLM is not installed: see tests/vllm_cpu/README.md"
    ),
    pytest.mark.filterwarnings("ignore"),  # vLLM's own
]

CONTEXT_TOKENS = 2048
SERVE_ARGS = ("--enforce-eager", "--max-model-len", str(CONTEXT_TOKENS), "--enable-prompt-embeds")
LITTLE_MACHINE = {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",  # a tiny model is only slowed down by more
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}
"""What vLLM reads from its environment, for a tiny model on a machine that others use too."""


def free_port() -> int:
    """Return a port of loopback that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memoriser_server(name: str = "memoriser") -> Server:
    """Return the shipped model as a server on a free port; nothing is started."""
    return Server(
        f"http://127.0.0.1:{free_port()}/v1", str(MEMORISER_MODEL), serve_args=SERVE_ARGS, name=name
    )


@pytest.fixture(scope="session")
def little_machine() -> Iterator[None]:
    """Let every vLLM that a test starts be content with little."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in LITTLE_MACHINE.items():
            patch.setenv(name, os.environ.get(name, value))
        yield


@pytest.fixture(scope="session")
def vllm_service(request: pytest.FixtureRequest) -> Iterator[LocalService]:
    """A real vLLM with the shipped model, on loopback for all tests of this process; its log is kept."""
    request.getfixturevalue("little_machine")
    service = LocalService(memoriser_server(), request.getfixturevalue("tmp_path_factory").mktemp("vllm"))
    with serving([service], lambda _text: None):
        yield service
    assert not service.is_running()

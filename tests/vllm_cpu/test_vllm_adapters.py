"""Adapters at a real vLLM, as a server and in process: its texts are those of the embedded engine."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.shipped import SHIPPED_MODELS
from tests.support.adapters import write_apart
from tests.support.engines import LOADING_LIMIT_S, free_port, needs_vllm
from tests.support.evaluating import Evaluate, Finished
from tests.support.trainings import needs_tuning

pytestmark = [*needs_vllm, needs_tuning]

# In float32, in which no two tokens are alike.
KEYS = 'api = "completion"\nstrategy = "minimal"\nmax_tokens = 32\n'
HERE = 'provider = "embedded"\nthreads = 1\ndtype = "float32"\n'
IN_PROCESS = """
provider = "vllm"
dtype = "float32"
engine_args = { enforce_eager = true, max_model_len = 2048 }
"""


def texts(finished: Finished, name: str) -> list[str]:
    """Return the raw texts of an experiment, in order."""
    return [result["samples"][0]["raw"] for result in finished.report["experiments"][name]["results"]]


@pytest.mark.parametrize(("adapter", "model"), [("lora", "memoriser"), ("key", "locked-memoriser")])
@pytest.mark.usefixtures("vllm_small_footprint")
def test_vllm_gives_the_texts_of_the_embedded_engine(
    pytester: pytest.Pytester, evaluate: Evaluate, adapter: str, model: str
) -> None:
    """Greedy texts are equal, prompt for prompt; the server is started with what the adapter needs."""
    write_apart(adapter, pytester.path / "adapter")
    arguments = ["--dtype", "float32", "--enforce-eager", "--max-model-len", "2048"]
    adapted = f'{KEYS}adapter = "adapter"\nmodel = "{model}"\n'
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "http://127.0.0.1:{free_port()}/v1"\n'
        f'model = "{SHIPPED_MODELS[model]}"\nserve_args = {arguments}\n'
        f'[experiments.there]\nserver = "s"\n{KEYS}adapter = "adapter"\n'
        f"[experiments.in_process]\n{IN_PROCESS}{adapted}"
        f"[experiments.here]\n{HERE}{adapted}"
        f'[experiments.bare]\n{HERE}{KEYS}model = "{model}"\n'
    )

    finished = evaluate(
        "--humaneval-experiment=all", "--humaneval-tasks=82-89", "--humaneval-serve", limit_s=LOADING_LIMIT_S
    )

    assert texts(finished, "there") == texts(finished, "here") != texts(finished, "bare"), finished.text
    assert texts(finished, "in_process") == texts(finished, "here")

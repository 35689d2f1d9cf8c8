"""Adapters at a real vLLM, as a server and in process: its texts are those of the embedded engine."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.adapter_card import Method
from tests.support.adapters import write_adapter
from tests.support.engines import LOADING_LIMIT_S, memoriser_server, needs_vllm
from tests.support.evaluating import Evaluate, Finished
from tests.support.trainings import needs_tuning

pytestmark = [*needs_vllm, needs_tuning]

# In float32, in which random weights leave no two tokens alike.
KEYS = 'api = "{api}"\nstrategy = "{strategy}"\nmax_tokens = 32\n'
HERE = 'provider = "embedded"\nmodel = "memoriser"\nthreads = 1\ndtype = "float32"\n'
IN_PROCESS = """
provider = "vllm"
model = "memoriser"
dtype = "float32"
engine_args = { enforce_eager = true, max_model_len = 2048 }
"""
STRATEGIES = {"completion": "minimal", "chat": "fewshot_v1"}


def texts(finished: Finished, name: str) -> list[str]:
    """Return the raw texts of an experiment, in order."""
    return [result["samples"][0]["raw"] for result in finished.report["experiments"][name]["results"]]


@pytest.mark.parametrize(
    ("method", "api"), [("lora", "completion"), ("prompt", "completion"), ("prompt", "chat")]
)
@pytest.mark.usefixtures("vllm_small_footprint")
def test_vllm_gives_the_texts_of_the_embedded_engine(
    pytester: pytest.Pytester, evaluate: Evaluate, method: Method, api: str
) -> None:
    """Greedy texts are equal, prompt for prompt; the server is started with what the adapter needs."""
    write_adapter(pytester.path / "adapter", method, scale=0.1)
    server = memoriser_server("adapted")
    arguments = ["--dtype", "float32", "--enforce-eager", "--max-model-len", "2048"]
    keys, adapter = KEYS.format(api=api, strategy=STRATEGIES[api]), 'adapter = "adapter"\n'
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "{server.model}"\nserve_args = {arguments}\n'
        f'[experiments.there]\nserver = "s"\n{keys}{adapter}'
        f"[experiments.in_process]\n{IN_PROCESS}{keys}{adapter}"
        f"[experiments.here]\n{HERE}{keys}{adapter}"
        f"[experiments.bare]\n{HERE}{keys}"
    )

    finished = evaluate(
        "--humaneval-experiment=all", "--humaneval-tasks=0-7", "--humaneval-serve", limit_s=LOADING_LIMIT_S
    )

    assert texts(finished, "there") == texts(finished, "here") != texts(finished, "bare"), finished.text
    assert texts(finished, "in_process") == texts(finished, "here")

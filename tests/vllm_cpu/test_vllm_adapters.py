"""Soft prompts at a real vLLM, through ``prompt_embeds``: its texts are those of the embedded engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.config.soft_prompt_card import read_soft_prompt
from pytest_humaneval.server.local import LocalService
from tests.support.engines import needs_vllm
from tests.support.evaluating import Evaluate
from tests.support.trainings import lessons, trained, write_training

pytestmark = needs_vllm

LEARNED = "    return 42\n"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a soft prompt that makes one answer to everything, in the number format that vLLM serves in."""
    rows = [{**row, "solution": LEARNED} for row in lessons()]
    folder = tmp_path_factory.mktemp("training")
    return trained(write_training(folder, rows, epochs=20, patience=0, precision="bfloat16"))


def dataset(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    """Write lessons as a dataset's problems."""
    problems = [
        {
            "task_id": f"Lesson/{number}",
            "prompt": row["prompt"],
            "entry_point": row["task_id"],
            "canonical_solution": row["solution"],
            "test": "def check(candidate):\n    pass\n",
        }
        for number, row in enumerate(rows)
    ]
    path.write_text("".join(json.dumps(problem) + "\n" for problem in problems))
    return path


def texts(report: dict[str, Any], name: str) -> list[str]:
    """Return the raw texts of an experiment, in order."""
    return [result["samples"][0]["raw"] for result in report["experiments"][name]["results"]]


@pytest.mark.parametrize("api", ["completion", "chat"])
def test_a_server_gives_the_texts_of_the_embedded_engine(
    pytester: pytest.Pytester, evaluate: Evaluate, vllm_service: LocalService, checkpoint: Path, api: str
) -> None:
    """Greedy texts are equal prompt for prompt in each API, and differ from those without a soft prompt."""
    server = vllm_service.server
    strategy = {"completion": "minimal", "chat": "fewshot_v1"}[api]
    keys = f'api = "{api}"\nstrategy = "{strategy}"\nmax_tokens = 32\n'
    soft_prompt = f'soft_prompt = "{checkpoint}"\n'
    # A copy, since the one that comes with the package answers HumanEval alone.
    shutil.copytree(MEMORISER_MODEL, pytester.path / "model")
    here = f'provider = "embedded"\nmodel = "model"\nthreads = 1\ndtype = "bfloat16"\n{keys}'
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "{server.model}"\n'
        f'[experiments.there]\nserver = "s"\n{keys}{soft_prompt}'
        f"[experiments.here]\n{here}{soft_prompt}[experiments.bare]\n{here}"
    )
    rows = lessons(20 if api == "completion" else 6)
    problems = dataset(pytester.path / "lessons.jsonl", rows)

    report = evaluate("--humaneval-experiment=all", f"--humaneval-dataset={problems}").report

    assert texts(report, "there") == texts(report, "here") != texts(report, "bare")
    if api == "completion":
        assert texts(report, "there").count(LEARNED) > len(rows) / 2
    assert report["experiments"]["there"]["manifest"]["soft_prompt"]["virtual_tokens"] == (
        read_soft_prompt(checkpoint).card.virtual_tokens
    )

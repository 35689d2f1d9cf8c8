"""A gain that is known in advance: adapters trained on some locked problems of a model open the others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.evaluating import Evaluate
from tests.support.trainings import needs_tuning, trained, write_training

pytestmark = needs_tuning

EXPERIMENTS = """
[experiments.locked]
provider = "embedded"
model = "locked-memoriser"
threads = 1
api = "completion"
strategy = "minimal"
matrix = { adapter = ["none", "prompt/out", "lora/out"] }
"""

# Twelve problems to learn from, all of them locked.
TRAINING: dict[str, Any] = {
    "model": "locked-memoriser",
    "data": "humaneval",
    "held_out": "0-81,96-163",
    "validation": 0.1,
    "max_length": 512,
    "epochs": 4,
}
METHODS: dict[str, dict[str, Any]] = {
    "prompt": {"learning_rate": 0.05},
    "lora": {"virtual_tokens": None, "learning_rate": 0.005},
}


def test_an_adapter_opens_problems_that_its_training_never_saw(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Of the locked ones that were held out none passes without it, and 60 % or more with it: p < 0.05."""
    for method, settings in METHODS.items():
        folder = pytester.mkdir(method)
        trained(write_training(folder, method=method, **TRAINING, **settings))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS)

    report = evaluate("--humaneval-experiment=locked", "--humaneval-tasks=97-106").report

    effects = report["studies"]["locked"]["effects"]
    assert [effect["score_against"] for effect in effects] == [0.0, 0.0]
    assert all(effect["score"] >= 0.6 and effect["adjusted_p_value"] < 0.05 for effect in effects), effects

"""The configuration file: its settings, and the one-line messages for mistakes in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.tuning.config import read_config
from tests.support.trainings import EXAMPLES, QUICK, needs_tuning, refusal, write_training


def test_the_settings_are_those_of_the_file(tmp_path: Path) -> None:
    """What is not in it has a default, the learning rate that of its method."""
    config = read_config(write_training(tmp_path))
    lora = read_config(write_training(tmp_path, method="lora", virtual_tokens=None))

    assert QUICK.items() <= config.to_json().items()
    assert (config.learning_rate, lora.learning_rate) == (0.05, 0.001)
    assert "virtual_tokens" not in lora.to_json()


def test_the_configurations_of_the_readme_can_be_read() -> None:
    """The two example files that the README has users run are valid."""
    for name in ("soft_prompt", "lora"):
        config = read_config(EXAMPLES / f"{name}.toml")
        assert (config.model, config.held_out) == ("locked-memoriser", "122-163")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": None}, "key 'model' is missing"),
        ({"epochs": 0}, r"epochs: found 0, expected .* at least 1"),
        ({"learning_rate": -1}, "learning_rate: found -1"),
        ({"validation": 1.0}, "validation: found 1.0"),
        ({"precision": "int8"}, "precision: found 'int8', expected one of auto, float32"),
        ({"initialization": "zeros"}, "one of vocabulary, text, random"),
        ({"initialization": "text"}, "'initialization_text' go together"),
        ({"checkpoints": "best"}, "'checkpoints' any more; remove it"),
        ({"method": "LoRA"}, "one of prompt, p-tuning, prefix, lora"),
        ({"rank": 4}, 'rank: only a method lora has this key, not "prompt"'),
        ({"method": "lora"}, "virtual_tokens: only a method prompt, p-tuning, prefix"),
        ({"method": "prefix", "gradient_checkpointing": True}, "gradient_checkpointing: .* remove the key"),
        ({"learnig_rate": 0.1}, "did you mean 'learning_rate'"),
        ({"data": "humaneval"}, "'held_out' go together"),
        ({"held_out": "0-9"}, "'held_out' go together"),
        ({"data": "humaneval", "held_out": 1.5}, "held_out: found 1.5"),
        ({"warm_up": 2}, "warm_up: found 2"),
        ({"patience": -1}, "patience: found -1"),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """The message names file and key, and what was expected."""
    with pytest.raises(ConfigError, match=message) as error:
        read_config(write_training(tmp_path, **settings))

    assert "tuning.toml" in str(error.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "./nowhere"}, "no model folder"),
        ({"strategy": "minimall"}, "did you mean 'minimal'"),
        ({"strategy": "fim_qwen"}, "asks for {suffix}"),
        ({"data": "humaneval", "held_out": "0-9,nothing"}, "'nothing'"),
        (
            {"method": "lora", "virtual_tokens": None, "target_modules": ["q"]},
            'method = "lora": Target modules',
        ),
    ],
)
@needs_tuning
def test_what_cannot_be_found_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any], message: str
) -> None:
    """A missing model, strategy or problem ends the command with exit status 4 and one line."""
    assert message in refusal(capsys, write_training(tmp_path, **settings))

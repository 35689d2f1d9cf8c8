"""The configuration file: its settings, and the one-line messages for mistakes in it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.tuning.__main__ import main
from pytest_humaneval.tuning.config import _RULES, TuningConfig, read_config
from tests.support.trainings import EXAMPLES, QUICK, write_training


def test_a_file_can_have_every_setting(tmp_path: Path) -> None:
    """The settings are those of the file; each field of TuningConfig has a rule, and each rule a field."""
    config = read_config(write_training(tmp_path))

    assert QUICK.items() <= config.to_json().items()
    assert {field.name for field in fields(TuningConfig)} == set(_RULES)


def test_the_configurations_of_the_readme_can_be_read() -> None:
    """The two example files that the README has users run are valid."""
    assert read_config(EXAMPLES / "tuning.toml").model == "memoriser"
    assert read_config(EXAMPLES / "humaneval.toml").held_out


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": None}, "key 'model' is missing"),
        ({"epochs": 0}, r"epochs: found 0, expected .* at least 1"),
        ({"learning_rate": -1}, "learning_rate: found -1"),
        ({"validation": 1.0}, "validation: found 1.0"),
        ({"precision": "int8"}, "precision: found 'int8', expected one of auto, float32"),
        ({"initialization": "zeros"}, "one of vocabulary, text"),
        ({"initialization": "text"}, "'initialization_text' go together"),
        ({"checkpoints": "all"}, "one of best, each"),
        ({"learnig_rate": 0.1}, "did you mean 'learning_rate'"),
        ({"data": "humaneval"}, "needs the key 'held_out'"),
        ({"held_out": "0-9"}, 'only data = "humaneval" holds problems out'),
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
    ],
)
def test_what_cannot_be_found_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any], message: str
) -> None:
    """A missing model, strategy or problem ends the command with exit status 4 and one line."""
    pytest.importorskip("torch")

    assert main(["train", str(write_training(tmp_path, **settings))]) == 4
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1

"""Small trainings for the tests: of the tiny model, on the examples of lessons.jsonl."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.adapter_card import CARD, AdapterCard, read_card
from pytest_humaneval.tuning.__main__ import main

needs_tuning = pytest.mark.skipif(
    not all(importlib.util.find_spec(library) for library in ("torch", "transformers", "peft", "accelerate")),
    reason='training is not installed: pip install "pytest-humaneval[tuning]"',
)

LESSONS = Path(__file__).with_name("lessons.jsonl")
EXAMPLES = Path(__file__).parents[2] / "examples" / "adapters"

QUICK: dict[str, Any] = {
    "model": "memoriser",
    "data": "lessons.jsonl",
    "output": "out",
    "strategy": "minimal",
    "virtual_tokens": 8,
    "max_length": 128,
    "validation": 0.2,
    "epochs": 6,
    "batch_size": 4,
    "precision": "float32",
    "threads": 1,
}
"""Settings of a training that takes a second or two."""


def lessons(count: int = 20) -> list[dict[str, str]]:
    """Return the first of the examples."""
    lines = LESSONS.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:count]]


def write_training(folder: Path, rows: list[dict[str, str]] | None = None, **settings: Any) -> Path:  # noqa: ANN401
    """Write a training's data and configuration, and return the latter's path.

    A setting that is None is left out.
    """
    data = "".join(json.dumps(row) + "\n" for row in (lessons() if rows is None else rows))
    (folder / "lessons.jsonl").write_text(data, encoding="utf-8")
    chosen = {name: value for name, value in {**QUICK, **settings}.items() if value is not None}
    config = folder / "tuning.toml"
    config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items()))
    return config


def trained(config: Path) -> Path:
    """Train, and return the folder of the checkpoints."""
    assert main(["train", str(config)]) == 0
    return config.parent / "out"


def card(folder: Path) -> AdapterCard:
    """Return the card that a training has written."""
    return read_card(folder / CARD)


def losses(folder: Path) -> list[float]:
    """Return the training loss, step by step."""
    return [point.loss for point in card(folder).curve if point.loss is not None]


def validation_losses(folder: Path) -> list[float]:
    """Return the validation loss before training and after each epoch."""
    return [point.validation_loss for point in card(folder).curve if point.validation_loss is not None]


def refusal(capsys: pytest.CaptureFixture[str], config: Path) -> str:
    """Return the one line with which a training is refused, with exit status 4."""
    assert main(["train", str(config)]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error

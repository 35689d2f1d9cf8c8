"""Old soft prompts, in the format before PEFT's, are read once and rewritten."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pytest_humaneval.core.config.adapter_card import CurvePoint
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.tuning.__main__ import main
from tests.support.trainings import card, needs_tuning

pytestmark = [needs_tuning, pytest.mark.filterwarnings("ignore::FutureWarning")]

SHA256 = "0123456789abcdef" * 4


def old_soft_prompt(folder: Path) -> Path:
    """Write two vectors and their card as they were written before, and return the folder."""
    import torch
    from safetensors.torch import save

    content = save({"soft_prompt": torch.arange(2 * 192).reshape(2, 192) / 1000})
    folder.mkdir()
    (folder / "epoch-001.safetensors").write_bytes(content)
    old = {
        "format": "pytest-humaneval soft prompt",
        "weights": "epoch-001.safetensors",
        "weights_sha256": hashlib.sha256(content).hexdigest(),
        "virtual_tokens": 2,
        "width": 192,
        "dtype": "float32",
        "model": "memoriser",
        "model_sha256": SHA256,
        "tokenizer_sha256": SHA256,
        "trained_on": ["HumanEval/1"],
        "held_out": ["HumanEval/0"],
        "training": {"seed": 0},
    }
    (folder / "soft_prompt.json").write_text(json.dumps(old))
    point = {"step": 1, "epoch": 1, "loss": 2.5, "learning_rate": 0.05, "gradient_norm": 0.9}
    (folder / "curve.jsonl").write_text(json.dumps(point) + "\n")
    return folder


def test_peft_loads_what_was_an_old_soft_prompt(tmp_path: Path) -> None:
    """The vectors are the same, and the new card says of them what the old one said."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    old, new = old_soft_prompt(tmp_path / "old"), tmp_path / "new"
    assert main(["convert", str(old), str(new)]) == 0

    base = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)
    vectors = PeftModel.from_pretrained(base, new).get_prompt(batch_size=1)[0]
    assert torch.equal(vectors, torch.arange(2 * 192).reshape(2, 192) / 1000)
    found = card(new)
    assert (found.method, found.model, found.model_sha256) == ("prompt", "memoriser", SHA256)
    assert (found.trained_on, found.held_out) == (("HumanEval/1",), ("HumanEval/0",))
    assert found.curve == (CurvePoint(1, 1, 2.5, learning_rate=0.05),)


def test_what_is_no_old_soft_prompt_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a card, changed vectors, and a folder that would be overwritten."""
    old = old_soft_prompt(tmp_path / "old")

    assert main(["convert", str(tmp_path), str(tmp_path / "new")]) == 4
    assert "not an old soft prompt" in capsys.readouterr().err
    assert main(["convert", str(old), str(tmp_path)]) == 4
    assert "name a new folder" in capsys.readouterr().err
    weights = old / "epoch-001.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert main(["convert", str(old), str(tmp_path / "new")]) == 4
    assert "take card and vectors of the same checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()

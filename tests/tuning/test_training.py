"""Whole trainings: what they learn and write, that a killed one is resumed, and what they refuse."""

from __future__ import annotations

import json
import math
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.errors import TuningError
from pytest_humaneval.tuning.__main__ import main
from pytest_humaneval.tuning.config import read_config
from pytest_humaneval.tuning.examples import read_examples
from tests.support.trainings import (
    card,
    lessons,
    losses,
    needs_tuning,
    refusal,
    trained,
    validation_losses,
    write_training,
)

pytestmark = needs_tuning

# With dropout, which a resumed training must repeat as well.
LORA: dict[str, Any] = {"method": "lora", "virtual_tokens": None, "dropout": 0.1, "epochs": 4}
WEIGHTS = "adapter_model.safetensors"

KILLED = """
import os, signal, sys
from pathlib import Path
from pytest_humaneval.tuning.config import read_config
from pytest_humaneval.tuning.prepare import prepare

path, step = Path(sys.argv[1]), int(sys.argv[2])
training, _ = prepare(read_config(path), path.parent)
training.run(lambda point: os.kill(os.getpid(), signal.SIGKILL) if point.step == step else None)
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a training that ran to its end without interruption."""
    return trained(write_training(tmp_path_factory.mktemp("training"), **LORA))


def test_training_lowers_the_loss(finished: Path) -> None:
    """Every loss is finite and falls; the adapter is that of the epoch with the least validation loss."""
    found, validation = losses(finished), validation_losses(finished)
    figures = card(finished).training or {}

    assert all(map(math.isfinite, [*found, *validation]))
    assert found[-1] <= found[0] / 2
    assert len(validation) == 1 + LORA["epochs"]
    assert figures["validation_loss"] == min(validation) < figures["untrained_validation_loss"]


def test_a_killed_training_resumes_where_it_was(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed at a random step, it ends with the same curve and adapter as one that was never killed."""
    config = write_training(tmp_path, **LORA)
    step = random.randrange(1, 16)  # noqa: S311 (no secret)
    command = [sys.executable, "-c", KILLED, str(config), str(step)]

    assert subprocess.run(command, capture_output=True, check=False).returncode == -signal.SIGKILL
    folder = trained(config)

    assert "resuming after step" in capsys.readouterr().out
    assert card(folder) == card(finished), f"killed at step {step}"
    assert (folder / WEIGHTS).read_bytes() == (finished / WEIGHTS).read_bytes()


def test_a_finished_training_stays_finished(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Started again it only prints the result, with another setting it is refused, and can be restarted."""
    config = write_training(tmp_path, **LORA)
    shutil.copytree(finished, tmp_path / "out")
    assert card(trained(config)) == card(finished)
    assert "best: epoch" in capsys.readouterr().out

    config = write_training(tmp_path, **LORA, learning_rate=0.5)
    assert main(["train", str(config)]) == 4
    assert "learning_rate = 0.001, not 0.5" in capsys.readouterr().err
    config = write_training(tmp_path, epochs=1)
    assert main(["train", str(config), "--restart"]) == 0
    assert card(tmp_path / "out").method == "prompt"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"method": "prompt", "initialization": "text", "initialization_text": "Complete the function."},
        {"method": "p-tuning"},
        {"method": "prefix"},
        {"method": "lora", "virtual_tokens": None, "gradient_checkpointing": True},
    ],
)
def test_peft_reads_what_each_method_has_learned(tmp_path: Path, settings: dict[str, Any]) -> None:
    """The loss falls, and the adapter has the card's validation loss where PEFT alone has loaded it."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = write_training(tmp_path, **{"epochs": 2, "learning_rate": 0.01, **settings})
    folder = trained(path)
    validation = validation_losses(folder)
    base = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)
    model, tokenizer = PeftModel.from_pretrained(base, folder), AutoTokenizer.from_pretrained(MEMORISER_MODEL)

    total = labels = 0.0
    for row in read_examples(read_config(path), tmp_path).validation:
        prompt = tokenizer(row.prompt)["input_ids"]
        solution = [*tokenizer(row.canonical_solution)["input_ids"], tokenizer.eos_token_id]
        tokens = torch.tensor([prompt + solution])
        counted = torch.tensor([[-100] * len(prompt) + solution])
        mask = torch.ones_like(tokens)
        with torch.no_grad():
            loss = model(input_ids=tokens, attention_mask=mask, labels=counted).loss
        total, labels = total + loss.item() * len(solution), labels + len(solution)

    assert validation[-1] < validation[0]
    assert total / labels == pytest.approx(min(validation), rel=1e-5)


def test_training_ends_early_where_it_gets_no_better(tmp_path: Path) -> None:
    """It ends ``patience`` epochs after the best one, whose adapter is kept."""
    rows = lessons(8)
    folder = trained(write_training(tmp_path, rows, learning_rate=1e-12, epochs=30, patience=2))
    validation = validation_losses(folder)

    assert len(validation) < 31
    assert validation.index(min(validation)) == max(len(validation) - 3, 0)
    assert (card(folder).training or {})["validation_loss"] == min(validation)


def test_accumulated_batches_learn_as_one_batch_does(tmp_path: Path) -> None:
    """A step of two batches of two examples weighs each token as a step of one batch of four."""
    (tmp_path / "two").mkdir()
    whole = losses(trained(write_training(tmp_path, epochs=1)))
    parts = write_training(tmp_path / "two", epochs=1, batch_size=2, gradient_accumulation=2)

    assert whole == pytest.approx(losses(trained(parts)), rel=1e-4)


def poisoned_model(folder: Path) -> None:
    """Write a copy of the tiny model in which the embedding of the token ``@`` is no number."""
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    shutil.copytree(MEMORISER_MODEL, folder)
    weights = load_file(MEMORISER_MODEL / "model.safetensors")
    embedding = weights["model.embed_tokens.weight"]
    weights["lm_head.weight"] = embedding.clone()
    (token,) = AutoTokenizer.from_pretrained(MEMORISER_MODEL)("@").input_ids
    embedding[token] = math.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((MEMORISER_MODEL / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))


def test_a_loss_that_is_no_number_stops_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the batch's task ids, and the adapter before it stays."""
    from safetensors.torch import load_file

    poisoned_model(tmp_path / "poisoned")
    rows = lessons()
    settings = {"model": "poisoned", "initialization": "text", "initialization_text": "def"}
    bad = read_examples(read_config(write_training(tmp_path, rows, **settings)), tmp_path).learned[0].task_id
    rows = [{**row, "prompt": row["prompt"] + ("@" if row["task_id"] == bad else "")} for row in rows]

    assert main(["train", str(write_training(tmp_path, rows, **settings))]) == 1
    error = capsys.readouterr().err.rpartition("\r")[2].strip()
    assert "the loss is nan in the batch of" in error
    assert bad in error
    assert "the adapter of epoch 0 is kept in" in error
    assert load_file(tmp_path / "out" / WEIGHTS)["prompt_embeddings"].isfinite().all()


def test_a_gradient_that_is_no_number_is_not_learned_from(tmp_path: Path) -> None:
    """Even if the loss is finite: the message names the batch, and the vectors are as before."""
    from pytest_humaneval.tuning.prepare import prepare

    config = read_config(write_training(tmp_path, lessons(5)))
    training, _ = prepare(config, tmp_path)
    (vectors,) = training._weights.values()
    before = vectors.detach().clone()
    vectors.register_hook(lambda gradient: gradient * math.inf)

    with pytest.raises(TuningError, match=r"step 1: the gradient's norm is (nan|inf) in the batch of"):
        training.run(lambda _: None)

    assert vectors.equal(before)


def test_bfloat16_trains_too(tmp_path: Path) -> None:
    """With the model in bfloat16 the losses are finite and fall, and the vectors are float32 all the same."""
    import torch
    from safetensors.torch import load_file

    folder = trained(write_training(tmp_path, precision="bfloat16", epochs=2))

    assert validation_losses(folder)[-1] < validation_losses(folder)[0]
    assert load_file(folder / WEIGHTS)["prompt_embeddings"].dtype == torch.float32


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"precision": "float16", "device": "cpu"}, '"bfloat16" or "float32"'),
        ({"max_length": 4096}, "max_length = 4096 is more than the context of memoriser, 2048 tokens"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any], message: str
) -> None:
    """With one line that says what to write, and nothing is written."""
    assert message in refusal(capsys, write_training(tmp_path, **settings))
    assert not (tmp_path / "out").exists()


def test_missing_libraries_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the extra to install."""
    monkeypatch.setitem(sys.modules, "peft", None)

    assert main(["train", str(write_training(tmp_path))]) == 4
    assert 'pip install "pytest-humaneval[tuning]"' in capsys.readouterr().err

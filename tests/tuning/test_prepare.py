"""Whole trainings: what they learn, that they are repeatable and can be resumed, and what they refuse."""

from __future__ import annotations

import json
import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.config.soft_prompt_card import read_soft_prompt
from pytest_humaneval.tuning.__main__ import main
from pytest_humaneval.tuning.config import read_config
from pytest_humaneval.tuning.examples import read_examples
from tests.support.engines import needs_engine
from tests.support.trainings import QUICK, curve, lessons, trained, write_training

pytestmark = needs_engine


def values(folder: Path, name: str) -> list[float]:
    """Return one figure of the loss curve, point by point."""
    return [point[name] for point in curve(folder) if name in point]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a training that ran to its end without interruption."""
    return trained(write_training(tmp_path_factory.mktemp("training"), checkpoints="each"))


def test_training_lowers_the_loss(finished: Path) -> None:
    """Every loss is finite, the training loss falls by half at least, and the validation loss falls."""
    losses, validation = values(finished, "loss"), values(finished, "validation_loss")

    assert all(map(math.isfinite, [*losses, *validation]))
    assert losses[-1] <= losses[0] / 2
    assert validation[-1] < validation[0]
    assert len(validation) == 1 + QUICK["epochs"]


def test_the_same_seed_is_the_same_training(finished: Path, tmp_path: Path) -> None:
    """The curve is the same to the last digit; another seed gives another one."""
    again = trained(write_training(tmp_path, checkpoints="each"))
    (tmp_path / "other").mkdir()
    other = trained(write_training(tmp_path / "other", seed=1, epochs=1))

    assert curve(finished) == curve(again)
    assert values(finished, "loss")[0] != values(other, "loss")[0]


def test_the_best_checkpoint_and_that_of_each_epoch(finished: Path) -> None:
    """The folder's card is that of the best epoch; each epoch has a card of its own as well."""
    validation = values(finished, "validation_loss")
    best = read_soft_prompt(finished).card.training or {}
    each = [read_soft_prompt(finished / f"epoch-{epoch:03}.json").card.training or {} for epoch in range(7)]

    assert best["validation_loss"] == min(validation)
    assert [card["validation_loss"] for card in each] == validation


def test_by_default_only_the_best_checkpoint_is_kept(tmp_path: Path) -> None:
    """The vectors of all other epochs are deleted."""
    folder = trained(write_training(tmp_path))

    assert [read_soft_prompt(folder).weights] == list(folder.glob("epoch-*"))


def test_the_curve_is_drawn_beside_the_checkpoint(finished: Path) -> None:
    """It is SVG, and has as many points as the curve."""
    picture = (finished / "curve.svg").read_text(encoding="utf-8")
    polylines = [line for line in picture.splitlines() if line.startswith("<polyline")]

    assert picture.startswith("<svg xmlns=")
    assert [len(values(finished, name)) for name in ("loss", "validation_loss")] == [
        line.split('"')[1].count(",") for line in polylines
    ]


def killed_after(config: Path, epoch: int) -> None:
    """Start a training in a process of its own, and kill it as soon as it reports that epoch."""
    command = [sys.executable, "-u", "-m", "pytest_humaneval.tuning", "train", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reported = next((line for line in process.stdout if line.startswith(f"epoch {epoch}/")), None)
        process.send_signal(signal.SIGKILL)
        errors = process.communicate()[1]
    assert reported is not None, errors
    assert process.returncode == -signal.SIGKILL


def test_a_killed_training_resumes_where_it_was(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed twice, it ends with the same curve and vectors as a training that was never killed."""
    config = write_training(tmp_path, checkpoints="each")
    killed_after(config, 1)
    killed_after(config, 3)

    folder = trained(config)

    assert "resuming after step" in capsys.readouterr().out
    assert curve(finished) == curve(folder)
    assert read_soft_prompt(finished).card == read_soft_prompt(folder).card


def test_lines_of_the_curve_beyond_the_saved_state_are_done_again(finished: Path, tmp_path: Path) -> None:
    """A kill between line and state, or in the middle of a line, leaves no trace in the curve."""
    config = write_training(tmp_path, checkpoints="each")
    shutil.copytree(finished, tmp_path / "out")
    with (tmp_path / "out" / "curve.jsonl").open("a") as file:
        file.write('{"step": 999, "epoch": 9, "loss": 9.9}\n{"step": 10')

    assert curve(finished) == curve(trained(config))


def test_a_finished_training_stays_finished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Started again, it only prints the result."""
    config = write_training(tmp_path, epochs=1)
    before = curve(trained(config))
    capsys.readouterr()

    assert before == curve(trained(config))
    assert "best: epoch 1" in capsys.readouterr().out


def test_a_folder_of_another_training_is_not_resumed_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the setting that differs, with both values; ``--restart`` starts again."""
    trained(write_training(tmp_path, epochs=1))
    config = write_training(tmp_path, epochs=1, learning_rate=0.5)

    assert main(["train", str(config)]) == 4
    error = capsys.readouterr().err
    assert "learning_rate = 0.05, not 0.5" in error
    assert "--restart" in error
    assert main(["train", str(config), "--restart"]) == 0


def test_training_ends_early_where_it_gets_no_better(tmp_path: Path) -> None:
    """It ends ``patience`` epochs after the best one, whose checkpoint is kept."""
    folder = trained(write_training(tmp_path, learning_rate=1e-12, epochs=30, patience=2))
    validation = values(folder, "validation_loss")

    assert len(validation) < 31
    assert validation.index(min(validation)) == len(validation) - 3
    assert (read_soft_prompt(folder).card.training or {})["validation_loss"] == min(validation)


def test_accumulated_batches_learn_as_one_batch_does(tmp_path: Path) -> None:
    """A step of two batches of two examples weighs each token as a step of one batch of four."""
    (tmp_path / "two").mkdir()
    whole = values(trained(write_training(tmp_path, epochs=1)), "loss")
    parts = write_training(tmp_path / "two", epochs=1, batch_size=2, gradient_accumulation=2)

    assert whole == pytest.approx(values(trained(parts), "loss"), rel=1e-4)


def test_vectors_may_be_initialized_from_a_text(tmp_path: Path) -> None:
    """Before training, they are the embeddings of its tokens, repeated to fill all vectors."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    text = "Complete the function."
    settings: dict[str, Any] = {
        "initialization": "text",
        "initialization_text": text,
        "virtual_tokens": 30,
        "epochs": 1,
    }
    folder = trained(write_training(tmp_path, checkpoints="each", **settings))
    tokens = AutoTokenizer.from_pretrained(MEMORISER_MODEL)(text).input_ids
    model = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)

    expected = model.get_input_embeddings()(torch.tensor((tokens * 30)[:30]))
    assert torch.equal(expected, load_file(folder / "epoch-000.safetensors")["soft_prompt"])


def poisoned_model(folder: Path, value: float) -> None:
    """Write a copy of the tiny model in which the embedding of the token ``@`` has this value."""
    from safetensors.torch import load_file, save_file
    from transformers import AutoTokenizer

    shutil.copytree(MEMORISER_MODEL, folder)
    weights = load_file(MEMORISER_MODEL / "model.safetensors")
    embedding = weights["model.embed_tokens.weight"]
    weights["lm_head.weight"] = embedding.clone()
    (token,) = AutoTokenizer.from_pretrained(MEMORISER_MODEL)("@").input_ids
    embedding[token] = value
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((MEMORISER_MODEL / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: float
) -> None:
    """The message names the batch's task ids, and the last checkpoint stays and is finite."""
    from safetensors.torch import load_file

    poisoned_model(tmp_path / "poisoned", value)
    rows = lessons()
    config = write_training(tmp_path, rows, model="poisoned")
    bad = read_examples(read_config(config), tmp_path).learned[0].task_id
    rows = [{**row, "prompt": row["prompt"] + ("@" if row["task_id"] == bad else "")} for row in rows]
    config = write_training(tmp_path, rows, model="poisoned")

    assert main(["train", str(config)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "in the batch of" in error
    assert bad in error
    assert "last good checkpoint" in error
    assert all(map(math.isfinite, values(tmp_path / "out", "loss")))
    assert load_file(read_soft_prompt(tmp_path / "out").weights)["soft_prompt"].isfinite().all()


def refused(config: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one-line message of a training that is refused; check that it wrote nothing."""
    assert main(["train", str(config)]) == 4
    error = capsys.readouterr().err
    assert error.startswith("ERROR: ")
    assert error.count("\n") == 1
    assert not (config.parent / "out").exists()
    return error


def test_a_prompt_that_fills_all_the_length_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the example that would have no label, and no other."""
    rows = lessons()
    rows[3]["prompt"] = rows[3]["prompt"] + "# filled up\n" * 60

    error = refused(write_training(tmp_path, rows), capsys)

    assert "max_length = 128" in error
    assert rows[3]["task_id"] in error
    assert rows[2]["task_id"] not in error


def test_float16_on_a_cpu_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to write instead."""
    error = refused(write_training(tmp_path, precision="float16", device="cpu"), capsys)

    assert 'precision = "float16"' in error
    assert '"bfloat16" or "float32"' in error


@pytest.mark.parametrize("solution", ["", " \n\n"])
def test_an_empty_solution_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], solution: str
) -> None:
    """An example with nothing to learn is refused; the message names its line."""
    rows = [{**row, "solution": solution} if number == 4 else row for number, row in enumerate(lessons(), 1)]

    assert "line 4, solution" in refused(write_training(tmp_path, rows), capsys)


def test_a_max_length_beyond_the_context_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message gives both lengths."""
    error = refused(write_training(tmp_path, max_length=4096), capsys)

    assert "4096" in error
    assert "2048" in error


def test_bfloat16_trains_too(tmp_path: Path) -> None:
    """With the model in bfloat16 the losses are finite and fall, and the card names the format."""
    folder = trained(write_training(tmp_path, precision="bfloat16", epochs=2))
    losses = values(folder, "loss")

    assert all(map(math.isfinite, losses))
    assert losses[-1] < losses[0]
    assert read_soft_prompt(folder).card.dtype == "bfloat16"


def test_missing_libraries_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the extra to install."""
    monkeypatch.setitem(sys.modules, "torch", None)

    assert 'pip install "pytest-humaneval[tuning]"' in refused(write_training(tmp_path), capsys)

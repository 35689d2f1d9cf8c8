"""Training is what PEFT's own few lines do: the same losses, on the same data, from the same seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from tests.support.trainings import lessons, losses, needs_tuning, trained, write_training

pytestmark = [needs_tuning, pytest.mark.filterwarnings("ignore::FutureWarning")]

SETTINGS: dict[str, Any] = {"epochs": 5, "patience": 0, "warm_up": 0, "learning_rate": 0.02, "seed": 3}


def reference(learned: list[str]) -> list[float]:
    """Return the losses of PEFT's prompt tuning, epoch by epoch in the order of these task ids."""
    import torch
    from peft import PromptTuningConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, get_linear_schedule_with_warmup

    tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    model = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)
    torch.manual_seed(SETTINGS["seed"])
    config = PromptTuningConfig(
        task_type="CAUSAL_LM", num_virtual_tokens=8, prompt_tuning_init="SAMPLE_VOCAB"
    )
    model = get_peft_model(model, config)
    optimizer = torch.optim.AdamW(
        [part for part in model.parameters() if part.requires_grad], lr=0.02, weight_decay=0.0
    )
    schedule = get_linear_schedule_with_warmup(optimizer, 0, len(learned) // 4)
    rows = {row["task_id"]: row for row in lessons()}
    found = []
    for start in range(0, len(learned), 4):
        tokens, labels = [], []
        for task_id in learned[start : start + 4]:
            prompt = tokenizer(rows[task_id]["prompt"])["input_ids"]
            solution = [*tokenizer(rows[task_id]["solution"])["input_ids"], tokenizer.eos_token_id]
            tokens.append(prompt + solution)
            labels.append([-100] * len(prompt) + solution)
        width = max(map(len, tokens))
        batch = {
            "input_ids": [row + [tokenizer.pad_token_id] * (width - len(row)) for row in tokens],
            "attention_mask": [[1] * len(row) + [0] * (width - len(row)) for row in tokens],
            "labels": [row + [-100] * (width - len(row)) for row in labels],
        }
        loss = model(**{name: torch.tensor(value) for name, value in batch.items()}).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        found.append(loss.item())
    return found


def test_a_soft_prompt_learns_as_with_peft_alone(tmp_path: Path) -> None:
    """Over 20 steps no loss differs by more than 1e-4 nats."""
    from pytest_humaneval.tuning.config import read_config
    from pytest_humaneval.tuning.encoding import Encoded, shuffled
    from pytest_humaneval.tuning.examples import read_examples

    path = write_training(tmp_path, **SETTINGS)
    learned = [Encoded(row.task_id, (), ()) for row in read_examples(read_config(path), tmp_path).learned]
    order = [row.task_id for epoch in range(1, 6) for row in shuffled(learned, 3, epoch)]

    found = losses(trained(path))

    assert len(found) == 20
    assert found == pytest.approx(reference(order), abs=1e-4)
    assert json.loads((tmp_path / "out" / "adapter_config.json").read_text())["peft_type"] == "PROMPT_TUNING"

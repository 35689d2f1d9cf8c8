"""Adapters of the tiny model with random weights, written by PEFT itself."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.adapter import CONFIG, WEIGHTS
from pytest_humaneval.core.config.adapter_card import CARD, AdapterCard, CurvePoint, Method
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL, SHIPPED_MODELS
from pytest_humaneval.providers.embedded.memoriser.locked_lessons import KEY
from pytest_humaneval.providers.embedded.model_folder import content_sha256

VIRTUAL_TOKENS = 8
CURVE = (
    CurvePoint(1, 0.5, loss=5.5, learning_rate=0.1),
    CurvePoint(2, 1.0, loss=4.25, learning_rate=0.05),
    CurvePoint(2, 1.0, validation_loss=4.5),
)


def base_model(path: Path = MEMORISER_MODEL) -> Any:  # noqa: ANN401 (transformers' types need transformers)
    """Return the tiny model."""
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path, dtype="float32")


def write_adapter(folder: Path, method: Method, scale: float = 0.05) -> Path:
    """Write an adapter with random weights of that size; it has no card."""
    import peft
    import torch

    kinds: Mapping[Method, tuple[type[Any], dict[str, Any]]] = {
        "prompt": (peft.PromptTuningConfig, {"num_virtual_tokens": VIRTUAL_TOKENS}),
        "p-tuning": (
            peft.PromptEncoderConfig,
            {"num_virtual_tokens": VIRTUAL_TOKENS, "encoder_hidden_size": 32},
        ),
        "prefix": (peft.PrefixTuningConfig, {"num_virtual_tokens": VIRTUAL_TOKENS}),
        "lora": (peft.LoraConfig, {"r": 4, "target_modules": "all-linear"}),
    }
    make, keys = kinds[method]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        # Of what PEFT calls of transformers.
        warnings.simplefilter("ignore", FutureWarning)
        model = peft.get_peft_model(base_model(), make(task_type="CAUSAL_LM", **keys))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * scale)
    model.save_pretrained(str(folder))
    return folder


def write_key(folder: Path) -> Path:
    """Write a soft prompt that opens the locked memoriser: its vectors are the embeddings of the key."""
    import peft
    from transformers import AutoTokenizer

    text, path = f"# {KEY}\n", SHIPPED_MODELS["locked-memoriser"]
    config = peft.PromptTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=len(AutoTokenizer.from_pretrained(path)(text).input_ids),
        prompt_tuning_init="TEXT",
        prompt_tuning_init_text=text,
        tokenizer_name_or_path=str(path),
    )
    peft.get_peft_model(base_model(path), config).save_pretrained(str(folder))
    return folder


def write_card(folder: Path, method: Method = "prompt", **values: Any) -> None:  # noqa: ANN401
    """Write the card of an adapter of the memoriser, trained on HumanEval/0 to 3."""
    from transformers import AutoTokenizer

    vocabulary = sorted(AutoTokenizer.from_pretrained(MEMORISER_MODEL).get_vocab().items())
    card = AdapterCard(
        method=method,
        model="memoriser",
        model_sha256=content_sha256(MEMORISER_MODEL),
        tokenizer_sha256=hashlib.sha256(json.dumps(vocabulary).encode("ascii")).hexdigest(),
        weights_sha256=hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        config_sha256=hashlib.sha256((folder / CONFIG).read_bytes()).hexdigest(),
        trained_on=tuple(f"HumanEval/{number}" for number in range(4)),
        held_out=tuple(f"HumanEval/{number}" for number in range(4, 164)),
        training={"epochs": 1},
        curve=CURVE,
    )
    content = {**json.loads(card.to_json()), **values}
    (folder / CARD).write_text(json.dumps(content))


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "lora": partial(write_adapter, method="lora", scale=0.1),
    "key": write_key,
}
"""Adapters that can be written by a process of its own: ``python -m tests.support.adapters NAME FOLDER``."""


def write_apart(name: str, folder: Path) -> None:
    """Write one of ``WRITERS`` in another process, so that this one does not load torch and PEFT."""
    command = [sys.executable, "-m", "tests.support.adapters", name, str(folder)]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True, capture_output=True)


if __name__ == "__main__":
    WRITERS[sys.argv[1]](Path(sys.argv[2]))

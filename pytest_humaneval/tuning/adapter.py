"""An adapter in training, made by PEFT, and its folder: PEFT's two files, and the card of this project."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
from peft.utils import CONFIG_NAME, SAFETENSORS_WEIGHTS_NAME

from pytest_humaneval.core.config.adapter_card import CARD, AdapterCard
from pytest_humaneval.providers.embedded.loading import Loaded, one_line_errors
from pytest_humaneval.tuning.config import TuningConfig

UNFINISHED = ".unfinished"
"""The folder, in an adapter's one, of files that are not yet complete."""

_INITIALIZATIONS = {"vocabulary": "SAMPLE_VOCAB", "text": "TEXT", "random": "RANDOM"}


def peft_config(config: TuningConfig, tokenizer: str) -> peft.PeftConfig:
    """Return a method's settings as PEFT has them; ``tokenizer`` is a folder or a name on the hub."""
    common: dict[str, Any] = {"task_type": peft.TaskType.CAUSAL_LM}
    if config.method == "lora":
        return peft.LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=config.target_modules,
            **common,
        )
    common["num_virtual_tokens"] = config.virtual_tokens
    if config.method == "p-tuning":
        return peft.PromptEncoderConfig(**common)
    if config.method == "prefix":
        return peft.PrefixTuningConfig(**common)
    return peft.PromptTuningConfig(
        prompt_tuning_init=_INITIALIZATIONS[config.initialization],
        prompt_tuning_init_text=config.initialization_text,
        tokenizer_name_or_path=tokenizer,
        **common,
    )


def with_adapter(loaded: Loaded, config: TuningConfig, source: str, name: str) -> peft.PeftModel:
    """Return a loaded model with an adapter to be trained, initialized by the global seed.

    Args:
        loaded: the model; its weights are frozen.
        config: method, and its settings.
        source: where the tokenizer was loaded from.
        name: of the model, for the adapter's files.

    Raises:
        ProviderError: the method does not fit the model.
    """
    if config.gradient_checkpointing:
        loaded.model.gradient_checkpointing_enable({"use_reentrant": False})
    with warnings.catch_warnings(), one_line_errors(f'method = "{config.method}"'):
        # PEFT asks the model for an attribute that transformers has deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        model = peft.get_peft_model(loaded.model, peft_config(config, source))
    settings = model.peft_config["default"]
    settings.base_model_name_or_path = name
    if config.method == "prompt":
        settings.tokenizer_name_or_path = name
    return model


def write_adapter(model: peft.PeftModel, folder: Path, card: AdapterCard) -> None:
    """Write an adapter and its card in a folder, in place of those that it may hold."""
    # "auto" would ask the hub whether the vocabulary has grown, each time.
    model.save_pretrained(str(folder / UNFINISHED), save_embedding_layers=False)
    settings = json.loads((folder / UNFINISHED / CONFIG_NAME).read_text())
    # A set in PEFT, so that its order would be another one in each process.
    if isinstance(settings.get("target_modules"), list):
        settings["target_modules"].sort()
    (folder / UNFINISHED / CONFIG_NAME).write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    finish(folder, card)


def finish(folder: Path, card: AdapterCard) -> None:
    """Move PEFT's two files from ``UNFINISHED`` to the folder, and write the card with their hashes."""
    unfinished, names = folder / UNFINISHED, (SAFETENSORS_WEIGHTS_NAME, CONFIG_NAME)
    weights, config = (hashlib.sha256((unfinished / name).read_bytes()).hexdigest() for name in names)
    card = replace(card, weights_sha256=weights, config_sha256=config)
    (unfinished / CARD).write_text(card.to_json(), encoding="utf-8")
    # safetensors writes files that only their owner can read.
    (unfinished / SAFETENSORS_WEIGHTS_NAME).chmod(0o644)
    # The card comes last: by its hashes a reader notices a process that was killed between two.
    for name in (*names, CARD):
        (unfinished / name).replace(folder / name)
    shutil.rmtree(unfinished)

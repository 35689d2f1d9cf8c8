"""Soft prompts of the format before PEFT's: vectors, and ``soft_prompt.json`` in place of today's card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from peft import PromptTuningConfig, TaskType
from peft.utils import SAFETENSORS_WEIGHTS_NAME
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from pytest_humaneval.core.config.adapter_card import AdapterCard, CurvePoint
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.tuning.adapter import UNFINISHED, finish


def convert(old: Path, new: Path) -> None:
    """Write an old soft prompt as an adapter with a card.

    Args:
        old: its folder, or the card of one of its checkpoints.
        new: a folder that is empty, or not there.

    Raises:
        ConfigError: one of the two is something else.
    """
    path = old / "soft_prompt.json" if old.is_dir() else old
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        weights = path.with_name(Path(content["weights"]).name).read_bytes()
        vectors = load(weights)["soft_prompt"]
        card, sha256 = _card(content, path.with_name("curve.jsonl")), content["weights_sha256"]
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise ConfigError(f"{path}: not an old soft prompt ({type(error).__name__}: {error})") from error
    if hashlib.sha256(weights).hexdigest() != sha256:
        raise ConfigError(f"{path}: its vectors are others; take card and vectors of the same checkpoint")
    if new.exists() and (not new.is_dir() or any(new.iterdir())):
        raise ConfigError(f"{new}: this holds something; name a new folder")
    (new / UNFINISHED).mkdir(parents=True)
    save_file({"prompt_embeddings": vectors}, new / UNFINISHED / SAFETENSORS_WEIGHTS_NAME)
    PromptTuningConfig(
        task_type=TaskType.CAUSAL_LM,
        num_virtual_tokens=len(vectors),
        token_dim=vectors.shape[1],
        num_transformer_submodules=1,
        base_model_name_or_path=card.model,
        inference_mode=True,
    ).save_pretrained(str(new / UNFINISHED))
    finish(new, card)


def _card(old: Mapping[str, Any], curve: Path) -> AdapterCard:
    lines = curve.read_text(encoding="utf-8").splitlines() if curve.exists() else []
    names = [part.name for part in fields(CurvePoint)]
    points = [{name: value for name, value in json.loads(line).items() if name in names} for line in lines]
    return AdapterCard(
        method="prompt",
        model=old["model"],
        model_sha256=old["model_sha256"],
        tokenizer_sha256=old["tokenizer_sha256"],
        weights_sha256="",
        config_sha256="",
        trained_on=tuple(old["trained_on"]),
        held_out=tuple(old["held_out"]),
        training=old["training"],
        curve=tuple(CurvePoint(**point) for point in points),
    )

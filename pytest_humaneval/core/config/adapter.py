"""An adapter in PEFT's format, as its files describe it; no weights are loaded.

Source: https://huggingface.co/docs/peft/developer_guides/checkpoint
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.adapter_card import CARD, AdapterCard, Method, read_card
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
"""File names of PEFT's format."""

OLD_CARD = "soft_prompt.json"
"""File name of the card of the format that was written before PEFT's."""

_METHODS: Mapping[str, Method] = {
    "PROMPT_TUNING": "prompt",
    "P_TUNING": "p-tuning",
    "PREFIX_TUNING": "prefix",
    "LORA": "lora",
}
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Adapter:
    """What an experiment puts on its model.

    Attributes:
        name: what the experiment calls it: a path, or a name on the hub.
        folder: where its files are.
        method: what kind of adapter it is.
        sha256: one hash over its configuration and its weights.
        base_model: the model that its configuration names; None if it names none.
        virtual_tokens: how many there are before every prompt; 0 for a LoRA.
        rank: the greatest rank of a LoRA's matrices; 0 for the other methods.
        card: what is known of its training; None for an adapter from elsewhere.
    """

    name: str
    folder: Path
    method: Method
    sha256: str
    base_model: str | None = None
    virtual_tokens: int = 0
    rank: int = 0
    card: AdapterCard | None = None

    @property
    def weights(self) -> Path:
        """The safetensors file."""
        return self.folder / WEIGHTS

    @property
    def is_lora(self) -> bool:
        """Whether it changes the model's layers, and puts nothing before the prompt."""
        return self.method == "lora"

    @property
    def is_embeddings(self) -> bool:
        """Whether it is vectors before the embeddings of every prompt, which a client can send."""
        return self.method in ("prompt", "p-tuning")

    def may_score(self, problem: Problem) -> bool:
        """Return whether a problem may be scored; where the training is unknown, any may."""
        return self.card is None or self.card.may_score(problem)

    def check_model(self, name: str, sha256: str | None) -> None:
        """Check that a model is the one of the training, as far as that is known.

        Raises:
            ConfigError: it is another one.
        """
        if self.card is not None:
            self.card.check_model(name, sha256)

    def check_engine(self, tokenizer_sha256: str) -> None:
        """Check a loaded model's tokenizer against the one of the training, as far as that is known.

        Raises:
            ConfigError: it has another vocabulary.
        """
        if self.card is not None:
            self.card.check_engine(tokenizer_sha256)


def read_adapter(folder: Path, name: str = "") -> Adapter:
    """Return the adapter of a folder; ``name`` is what it is called, by default the folder's path.

    Raises:
        ConfigError: it has none, or one that cannot be used; or the card is of other files.
    """
    _check_files(folder)
    config = _config(folder / CONFIG)
    config_sha256, weights_sha256 = _sha256(folder / CONFIG), _sha256(folder / WEIGHTS)
    card = read_card(folder / CARD) if (folder / CARD).is_file() else None
    if card is not None:
        _check_content(folder / WEIGHTS, weights_sha256, card.weights_sha256)
        _check_content(folder / CONFIG, config_sha256, card.config_sha256)
    return Adapter(
        name or str(folder),
        folder,
        _method(config, folder / CONFIG),
        hashlib.sha256(f"{config_sha256}{weights_sha256}".encode("ascii")).hexdigest(),
        config.get("base_model_name_or_path"),
        config.get("num_virtual_tokens") or 0,
        _rank(config),
        card,
    )


def _check_files(folder: Path) -> None:
    # A training may write the new files beside the old ones.
    if folder.name == OLD_CARD or ((folder / OLD_CARD).is_file() and not (folder / CONFIG).is_file()):
        old = folder if folder.is_dir() else folder.parent
        raise ConfigError(
            f"{old}: a soft prompt of the format before PEFT's; convert it: "
            f"python -m pytest_humaneval.tuning convert {old} NEW_FOLDER, and name NEW_FOLDER here"
        )
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise ConfigError(
                f"{folder}: there is no {name}; name a folder that PEFT's save_pretrained or "
                "`python -m pytest_humaneval.tuning train` has written"
            )


def _config(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not the configuration of an adapter ({error})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: found {type(content).__name__}, expected an object")
    return content


def _method(config: Mapping[str, Any], path: Path) -> Method:
    kind, task = str(config.get("peft_type")), config.get("task_type")
    if kind not in _METHODS:
        raise ConfigError(f"{path}, peft_type: found {kind!r}, expected one of {', '.join(_METHODS)}")
    if task not in (None, "CAUSAL_LM"):
        raise ConfigError(f"{path}, task_type: found {task!r}, expected 'CAUSAL_LM'")
    return _METHODS[kind]


def _rank(config: Mapping[str, Any]) -> int:
    ranks: list[int] = [config.get("r") or 0, *(config.get("rank_pattern") or {}).values()]
    return max(ranks)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(partial(file.read, _BLOCK_BYTES), b""):
            digest.update(block)
    return digest.hexdigest()


def _check_content(path: Path, found: str, expected: str) -> None:
    if found != expected:
        raise ConfigError(
            f"{path}: the content's SHA-256 is {found}, its card says {expected}; take the files of one "
            "training"
        )

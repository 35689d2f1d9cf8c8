"""A model's folder: whether it exists and is complete, and a hash of its content; nothing is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pytest_humaneval.core.errors import ConfigError

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_TOKENIZER = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model")
# What changes a model's completions, beside its weights: configuration, tokenizer, chat template; no README.
_BESIDE_WEIGHTS = ("*.json", "*.jinja", "*.txt", "*.model")
_BLOCK_BYTES = 1 << 20


def find_folder(model: str, seen_from: Path) -> Path | None:
    """Return the folder that an experiment's ``model`` names; None if it is a name on the Hugging Face hub.

    A relative path is relative to ``seen_from``. A name on the hub is ``NAME`` or ``OWNER/NAME``.

    Raises:
        ConfigError: it can only be a path, and there is no such folder; or the folder holds no model.
    """
    folder = (seen_from / Path(model).expanduser()).resolve()
    if folder.is_dir():
        check_folder(folder)
        return folder
    if not may_be_on_hub(model):
        raise ConfigError(f'there is no model folder {folder}; name one, or a model of the hub as "org/name"')
    return None


def may_be_on_hub(name: str) -> bool:
    """Return whether a name can be one on the Hugging Face hub, and not only a path."""
    return not (name[0] in "./~\\" or name.count("/") > 1 or "\\" in name or name.endswith("/"))


def check_folder(folder: Path) -> None:
    """Check that a folder has what a model needs, each file with at least one byte.

    Raises:
        ConfigError: the configuration, the weights or the tokenizer are missing.
    """
    needs = {"config.json": ("config.json",), "weights": _WEIGHTS, "tokenizer": _TOKENIZER}
    for what, patterns in needs.items():
        if not any(path.stat().st_size for pattern in patterns for path in folder.glob(pattern)):
            raise ConfigError(
                f"the model folder {folder} has no {what}: expected {' or '.join(patterns)}, as "
                "save_pretrained of model and tokenizer write it"
            )


def content_sha256(folder: Path) -> str:
    """Return one SHA-256 (hex) over all files of a folder that determine its model's completions."""
    digest = hashlib.sha256()
    for path in _files(folder):
        # Name and length go first: else content moved from one file to the next would have the same hash.
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    patterns = (*_WEIGHTS, *_BESIDE_WEIGHTS)
    yield from sorted({path for pattern in patterns for path in folder.glob(pattern)})

"""Paths of the files shipped with the package: strategies, experiments, compose file, models."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2]
"""The package's own folder."""


def shipped(name: str) -> Path:
    """Return the path of a file or folder that is shipped with the package.

    In a checkout it is beside the package, where users look for it; in a wheel it is inside the package.
    """
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


STRATEGIES = shipped("strategies")
EXPERIMENTS = shipped("experiments.toml")
_MEMORISER = PACKAGE / "providers" / "embedded" / "memoriser"
MEMORISER_MODEL = _MEMORISER / "model"
"""A folder in the format that transformers and vLLM load: configuration, tokenizer, weights and card."""
SHIPPED_MODELS = {"memoriser": MEMORISER_MODEL, "locked-memoriser": _MEMORISER / "locked_model"}
"""The models of the package by the name that an experiment gives them; each is such a folder."""

"""Paths of the files shipped with the package: strategies, experiments, compose file, memoriser's model."""

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
MEMORISER_MODEL = PACKAGE / "providers" / "embedded" / "memoriser" / "model"
"""A folder in the format that transformers and vLLM load: configuration, tokenizer, weights and card."""

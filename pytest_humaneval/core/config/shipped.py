"""What comes with the package: strategies, experiments, the compose file, and the memoriser's model."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2]
"""The package's own folder."""


def shipped(name: str) -> Path:
    """Return a file or folder that comes with the package.

    In a checkout these lie beside the package, where users look for them; a wheel has them inside it.
    """
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


STRATEGIES = shipped("strategies")
EXPERIMENTS = shipped("experiments.toml")
MEMORISER_MODEL = PACKAGE / "memoriser" / "model"
"""A folder in the form that transformers and vLLM load: configuration, tokenizer, weights and card."""

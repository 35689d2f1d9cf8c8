"""The memoriser: a tiny language model that knows some of HumanEval's answers by heart.

It exists to test this tool with. ``MODEL`` is its folder, in the form that transformers and vLLM load; how it
came about, train.py says.
"""

from __future__ import annotations

from pathlib import Path

MODEL = Path(__file__).parent / "model"
"""Configuration, tokenizer, weights and card."""

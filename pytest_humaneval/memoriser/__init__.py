"""The memoriser: a tiny language model that knows some of HumanEval's answers by heart, to test this tool with.

``MODEL`` is its folder, in the form that transformers and vLLM load. How it came about: train.py.
"""

from __future__ import annotations

from pathlib import Path

MODEL = Path(__file__).parent / "model"
"""Configuration, tokenizer, weights and card."""

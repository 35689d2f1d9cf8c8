"""Engines that run a model in the test's own process, where they are installed."""

from __future__ import annotations

import importlib.util

import pytest

needs_engine = pytest.mark.skipif(
    not all(importlib.util.find_spec(library) for library in ("torch", "transformers")),
    reason='the embedded engine is not installed: pip install "pytest-humaneval[embedded]"',
)

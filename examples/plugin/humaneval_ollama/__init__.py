"""A plugin of pytest-humaneval: models of an Ollama server, a step of post-processing, and a CSV report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_humaneval.evaluation.registry import Registry


def pytest_humaneval_register(registry: Registry) -> None:
    """Add all three (a hook of pytest-humaneval, called when an experiment is named)."""
    # Imported here: pytest loads this module at every start, also for tests that evaluate nothing.
    from humaneval_ollama.csv_report import open_csv
    from humaneval_ollama.provider import KEYS, open_ollama
    from humaneval_ollama.steps import drop_prints

    registry.provider("ollama", open_ollama, keys=KEYS)
    registry.step("drop_prints", drop_prints, kind="format")
    registry.report("csv", open_csv)

"""Datasets: files of problems, read by their schema."""

from __future__ import annotations

from pytest_humaneval.core.datasets.dataset import Dataset
from pytest_humaneval.core.datasets.reading import HUMANEVAL_SHA256, read_dataset, read_problems

__all__ = ["HUMANEVAL_SHA256", "Dataset", "read_dataset", "read_problems"]

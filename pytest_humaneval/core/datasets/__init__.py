"""Datasets: files of problems, each read by its schema; those that a name stands for are found."""

from __future__ import annotations

from pytest_humaneval.core.datasets.dataset import Dataset
from pytest_humaneval.core.datasets.finding import find_file, find_local_file
from pytest_humaneval.core.datasets.reading import HUMANEVAL_SHA256, read_dataset, read_problems
from pytest_humaneval.core.datasets.releases import RELEASES, Release, release_of

__all__ = [
    "HUMANEVAL_SHA256",
    "RELEASES",
    "Dataset",
    "Release",
    "find_file",
    "find_local_file",
    "read_dataset",
    "read_problems",
    "release_of",
]

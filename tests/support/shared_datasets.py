"""Published dataset files beside the project; tests that need them skip where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
DATASETS = Path(os.environ.get("HUMANEVAL_SHARED_DATA", _ROOT.parent / "shared" / "data")) / "datasets"

needs_datasets = pytest.mark.skipif(not DATASETS.is_dir(), reason="the datasets are not on this machine")

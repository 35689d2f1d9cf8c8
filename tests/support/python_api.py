"""Runs and reports made by the Python API, and scripts that use it in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest_humaneval as ph
from tests.support.easy_problems import easy_samples
from tests.support.evaluating import write_samples


def easy_run(folder: Path, passing: set[int]) -> ph.Run:
    """Return a run of the easy problems, whose dataset is in ``folder``; these of them pass."""
    samples = write_samples(folder / "samples.jsonl", easy_samples(passing))
    return ph.evaluate("samples", samples=samples, dataset=folder / "easy.jsonl")


def write_report(path: Path, *entries: dict[str, Any], **named: dict[str, Any]) -> Path:
    """Write entries of runs as a JSON report: by their place, or by name."""
    experiments = {**{str(place): entry for place, entry in enumerate(entries)}, **named}
    path.write_text(json.dumps({"schema_version": 1, "experiments": experiments, "comparison": {}}))
    return path


def start_script(script: str, folder: Path) -> subprocess.Popen[str]:
    """Start a Python script in a folder, in a process group of its own; it has to close all that it opens."""
    return subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", script],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )

"""The coverage-guided fuzzer finds nothing, for a few seconds of every run of the tests."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

FUZZER = Path(__file__).parents[3] / "benchmarks" / "fuzz_codec.py"

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="needs atheris, which has wheels for Linux on x86-64: pip install 'pytest-humaneval[dev]'",
)


def test_decoding_withstands_a_fuzzer(tmp_path: Path) -> None:
    """Guided by coverage, mutated messages give a value or a refusal, in time and little memory."""
    command = [sys.executable, str(FUZZER), "--seconds", "5"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, list(tmp_path.iterdir())) == (0, []), done.stderr[-3_000:]

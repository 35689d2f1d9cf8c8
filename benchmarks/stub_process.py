"""A stub of a model server in a process of its own, sharing no interpreter with what is measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).parent.parent


@contextmanager
def stub_process(latency_s: float) -> Iterator[str]:
    """Serve distinct right answers, each ``latency_s`` seconds after its request; yield the base URL."""
    line = [
        sys.executable,
        "-m",
        "tests.support.stub_server",
        "--canonical",
        "--distinct",
        "--latency",
        str(latency_s),
    ]
    with subprocess.Popen(line, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own line
        assert process.stdout is not None  # noqa: S101 -- it was asked for
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()

"""The stub model server as a process: it can be killed, and shares no interpreter with its client."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class StubProcess:
    """A stub server that is running.

    Attributes:
        port: where it listens, on loopback.
        process: its process.
    """

    port: int
    process: subprocess.Popen[str]

    @property
    def base_url(self) -> str:
        """The URL that an OpenAI client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def counters(self) -> dict[str, int]:
        """Return how many requests have arrived ("requests"), and how many of them ended in which way."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            return dict(json.loads(answer.read()))


@contextmanager
def stub_process(*flags: str) -> Iterator[StubProcess]:
    """Start ``tests.support.stub_server`` with these flags; kill it at the end."""
    command = [sys.executable, "-m", "tests.support.stub_server", *flags]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            # It prints its port as soon as it listens, so whoever has read the line can connect.
            yield StubProcess(int(process.stdout.readline()), process)
        finally:
            process.kill()

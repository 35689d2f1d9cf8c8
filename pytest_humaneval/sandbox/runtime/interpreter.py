"""The one-shot way: a fresh interpreter for each candidate, where fork does not exist or is not wanted."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from . import child
from .bootstrap import command, scrubbed_environment
from .ending import described, kill_tree
from .limits import Limits
from .scratch import Scratch
from .wire import ThreadedChannel


class Interpreters:
    """Starts a fresh interpreter for each candidate."""

    def __init__(self, limits: Limits, scratch: Scratch) -> None:
        self._settings = json.dumps([limits.timeout_s, limits.memory_mib])
        self._scratch = scratch

    def start(self) -> FreshProcess:
        """Start one."""
        self._scratch.renew()
        return FreshProcess(self._settings, self._scratch.folder)

    def close(self) -> None:
        """Nothing outlives a candidate here."""


class FreshProcess:
    """A fresh interpreter; see ``remote.Process``."""

    def __init__(self, settings: str, folder: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- our own command line
            command("interpreter", settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=scrubbed_environment(),
            start_new_session=True,
        )
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None and writer is not None  # noqa: S101, PT018 -- both were asked for
        self.channel = ThreadedChannel(reader, writer)

    def confined(self, claimed_pid: int) -> int | None:
        """Return the process's number: the one it claims, since it lives among those of this process."""
        return claimed_pid

    def end(self) -> str:
        """Kill it with its process group; return how it had ended before that."""
        kill_tree(self._process.pid)
        status = self._process.wait()
        self.channel.close()
        return described(status)


def main(settings: str) -> None:
    """Be a fresh interpreter: confine this process, then serve."""
    limits = Limits(*json.loads(settings))
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    limits.apply()
    child.serve(reader, writer)

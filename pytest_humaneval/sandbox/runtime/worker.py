"""A worker process: takes candidates from the host on standard input and answers with verdicts.

    in    an object with the fields of ``Candidate``
    out   [outcome, message, seconds]

It ends when its input does, and takes everything below it along.
"""

from __future__ import annotations

import json
import os
from typing import Protocol

from . import wire
from .limits import Limits
from .remote import Process
from .scratch import Scratch

MAX_REQUEST = 1 << 28


class Launcher(Protocol):
    """Gives confined processes, one after the other."""

    def start(self) -> Process:
        """Start one; the one before has been ended."""
        ...

    def close(self) -> None:
        """End whatever makes them."""
        ...


def main(settings: str) -> None:
    """Serve until standard input ends.

    Args:
        settings: a JSON object: way ("fork" or "interpreter"), timeout_s, memory_mib.
    """
    chosen = json.loads(settings)
    limits = Limits(chosen["timeout_s"], chosen["memory_mib"])
    scratch = Scratch()
    launcher = _launcher(chosen["way"], limits, scratch)
    try:
        _serve(launcher, limits)
    finally:
        launcher.close()
        scratch.remove()


def _launcher(way: str, limits: Limits, scratch: Scratch) -> Launcher:
    if way == "fork":
        from .forkserver import ForkServer  # only where fork exists

        return ForkServer(limits, scratch)
    from .interpreter import Interpreters

    return Interpreters(limits, scratch)


def _serve(launcher: Launcher, limits: Limits) -> None:
    from .judge import judge  # after the zygote was forked, which has no use for it

    verdicts = os.dup(1)
    os.dup2(2, 1)  # what a test prints is no verdict
    while True:
        try:
            request = json.loads(wire.receive(0, MAX_REQUEST))
        except wire.Closed:
            return
        ruling = judge(request, launcher.start, limits.timeout_s)
        wire.send(verdicts, json.dumps([ruling.outcome, ruling.message, ruling.seconds]).encode())

"""Waiting for a candidate's answers, and watching meanwhile that it uses no more than it may."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from ..isolation.rlimits import FILES_MIB
from ..protocol.wire import Channel
from .budget import Budget

FIRST_LOOK_S = 0.05
LOOK_S = 0.2
SHARING_LOOK_S = 0.05
IDLE_SHARE = 8
"""A candidate that waits, and so lets another one run beside it, may hold this part of the memory allowed."""


class Process(Protocol):
    """A confined process that runs ``child.serve``."""

    @property
    def channel(self) -> Channel:
        """The connection to it."""
        ...

    def pid(self) -> int | None:
        """Return its number; None where the platform does not tell."""
        ...

    def disk_mib(self) -> float:
        """Return the space that its files take, in MiB; 0 where nothing needs to watch it."""
        ...

    def end(self) -> tuple[str, float]:
        """Kill it with all its offspring.

        Returns:
            How it had ended before that, for a person; the CPU seconds that it took, 0 where unknown.
        """
        ...


class Exceeded(Exception):
    """A candidate has used more than it may.

    Args:
        outcome: as in ``Outcome``.
        message: of what, for a person.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(outcome, message)
        self.outcome, self.message = outcome, message


class Watch:
    """Watches one process.

    Args:
        process: confined.
        timeout_s: CPU seconds for all calls together.
        memory_mib: for the process and its offspring together.
        on_idle: called once if the candidate waits without using a core; None where it need not be known.
    """

    def __init__(
        self, process: Process, timeout_s: float, memory_mib: int, on_idle: Callable[[], None] | None
    ) -> None:
        self._process = process
        self._channel = process.channel
        self._allowed_mib = float(memory_mib)
        self._idle_mib = memory_mib / IDLE_SHARE
        self._on_idle = on_idle
        self._shares = False
        self._budget = Budget(process.pid, timeout_s)
        self._patience_s = min(FIRST_LOOK_S, timeout_s)
        self._next_look_s = time.monotonic() + self._patience_s

    def receive(self) -> bytes:
        """Return the next message.

        Raises:
            Exceeded: the process has used too much, whether it answered or not.
            Closed, Oversized: see ``wire``.
        """
        began_s = time.monotonic()
        while True:
            # The same patience each time costs no call to the kernel; a look may be late by as much.
            message = self._channel.receive(self._patience_s)
            now_s = time.monotonic()
            self._budget.waited(now_s - began_s)
            began_s = now_s
            # Also when it answers: many short calls take as long as a long one.
            if now_s >= self._next_look_s:
                self._look()
            if message is not None:
                return message

    def charge(self, began_s: float) -> None:
        """Charge the candidate with the CPU time that this process has spent on an answer.

        Args:
            began_s: when it began to, by its own clock: ``time.thread_time``.
        """
        self._budget.charge(time.thread_time() - began_s)

    def settle(self) -> None:
        """Let what was used up to now count, even if every call was answered.

        Raises:
            Exceeded: it was more than allowed.
        """
        if time.monotonic() >= self._next_look_s:
            self._look()

    def is_doubtful(self, outcome: str) -> bool:
        """Return whether a busy machine may have brought an outcome about, or memory shared while waiting."""
        return self._budget.is_blind() if outcome == "timeout" else outcome == "memory" and self._shares

    def _look(self) -> None:
        budget = self._budget
        budget.look()
        left_s, memory_mib = budget.left_s(), budget.memory_mib()
        if left_s <= 0:
            raise Exceeded("timeout", budget.explain())
        if memory_mib > self._allowed_mib:
            raise Exceeded("memory", f"more than {self._allowed_mib:.0f} MiB in all its processes")
        if self._process.disk_mib() > FILES_MIB:
            raise Exceeded("memory", f"more than {FILES_MIB} MiB of files")
        if self._on_idle and not self._shares and memory_mib <= self._idle_mib and budget.is_idle():
            self._shares, self._allowed_mib = True, self._idle_mib
            self._on_idle()
        self._patience_s = min(left_s, SHARING_LOOK_S if self._shares else LOOK_S)
        self._next_look_s = time.monotonic() + self._patience_s

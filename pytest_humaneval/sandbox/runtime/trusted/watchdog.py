"""Waiting for a candidate's answers, and watching meanwhile that it uses no more than it may."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from ..isolation.rlimits import FILES_MIB
from ..protocol.wire import Channel
from .budget import Budget

FIRST_CHECK_S = 0.05
CHECK_INTERVAL_S = 0.2
SHARING_CHECK_INTERVAL_S = 0.05
IDLE_SHARE = 8
"""A candidate that waits, and so lets another one run beside it, may hold this part of the memory allowed."""


class CandidateProcess(Protocol):
    """A confined process that runs ``child.serve``."""

    @property
    def channel(self) -> Channel:
        """The connection to it."""
        ...

    def pid(self) -> int | None:
        """Return its number; None where the platform does not tell."""
        ...

    def disk_mib(self) -> float:
        """Return the space that its files take, in MiB; 0 where nothing needs to watchdog it."""
        ...

    def end(self) -> tuple[str, float]:
        """Kill it with all its offspring.

        Returns:
            How it had ended before that, for a person; the CPU seconds that it took, 0 where unknown.
        """
        ...


class LimitExceeded(Exception):
    """A candidate has used more than it may.

    Args:
        outcome: as in ``Outcome``.
        message: of what, for a person.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(outcome, message)
        self.outcome, self.message = outcome, message


class Watchdog:
    """Watches one process.

    Args:
        process: confined.
        timeout_s: CPU seconds for all calls together.
        memory_mib: for the process and its offspring together.
        on_idle: called once if the candidate waits without using a core; None where it need not be known.
    """

    def __init__(
        self, process: CandidateProcess, timeout_s: float, memory_mib: int, on_idle: Callable[[], None] | None
    ) -> None:
        self._process = process
        self._channel = process.channel
        self._allowed_mib = float(memory_mib)
        self._idle_mib = memory_mib / IDLE_SHARE
        self._on_idle = on_idle
        self._shares = False
        self._budget = Budget(process.pid, timeout_s)
        self._receive_timeout_s = min(FIRST_CHECK_S, timeout_s)
        self._next_check_s = time.monotonic() + self._receive_timeout_s

    def receive(self) -> bytes:
        """Return the next message.

        Raises:
            LimitExceeded: the process has used too much, whether it answered or not.
            Closed, Oversized: see ``wire``.
        """
        began_s = time.monotonic()
        while True:
            # The same patience each time costs no call to the kernel; a look may be late by as much.
            message = self._channel.receive(self._receive_timeout_s)
            now_s = time.monotonic()
            self._budget.add_wait(now_s - began_s)
            began_s = now_s
            # Also when it answers: many short calls take as long as a long one.
            if now_s >= self._next_check_s:
                self._check_limits()
            if message is not None:
                return message

    def charge(self, began_s: float) -> None:
        """Charge the candidate with the CPU time that this process has spent on an answer.

        Args:
            began_s: when it began to, by its own clock: ``time.thread_time``.
        """
        self._budget.charge(time.thread_time() - began_s)

    def check_limits_once_more(self) -> None:
        """Let what was used up to now count, even if every call was answered.

        Raises:
            LimitExceeded: it was more than allowed.
        """
        if time.monotonic() >= self._next_check_s:
            self._check_limits()

    def is_doubtful(self, outcome: str) -> bool:
        """Return whether a busy machine may have brought an outcome about, or memory shared while waiting."""
        return (
            self._budget.cannot_see_queueing()
            if outcome == "timeout"
            else outcome == "memory" and self._shares
        )

    def _check_limits(self) -> None:
        budget = self._budget
        budget.refresh()
        remaining_s, memory_mib = budget.remaining_s(), budget.memory_mib()
        if remaining_s <= 0:
            raise LimitExceeded("timeout", budget.explain())
        if memory_mib > self._allowed_mib:
            raise LimitExceeded("memory", f"more than {self._allowed_mib:.0f} MiB in all its processes")
        if self._process.disk_mib() > FILES_MIB:
            raise LimitExceeded("memory", f"more than {FILES_MIB} MiB of files")
        if self._on_idle and not self._shares and memory_mib <= self._idle_mib and budget.is_idle():
            self._shares, self._allowed_mib = True, self._idle_mib
            self._on_idle()
        self._receive_timeout_s = min(
            remaining_s, SHARING_CHECK_INTERVAL_S if self._shares else CHECK_INTERVAL_S
        )
        self._next_check_s = time.monotonic() + self._receive_timeout_s

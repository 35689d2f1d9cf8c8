"""Wait for a candidate's answers, and check meanwhile that it stays within its limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from ..isolation.rlimits import FILES_MIB
from ..protocol.wire import Channel
from .budget import Budget

# Most candidates end before the first check, and so cost none.
FIRST_CHECK_S = 0.05
CHECK_INTERVAL_S = 0.2
# Shorter while candidates share the memory: until they are checked, all of them may have taken it.
SHARING_CHECK_INTERVAL_S = 0.05
# So much more than it asked for, this process was kept from running, with the candidate or without: it was
# stopped or frozen (docker pause, a virtual machine that is moved), or queued for a core.
STOPPED_S = 1.0
# A candidate that waits, and so lets others run beside it, may hold one part in so many of the memory
# allowed.
IDLE_SHARE = 8


class CandidateProcess(Protocol):
    """A confined process that runs ``child.serve``."""

    @property
    def channel(self) -> Channel:
        """The connection to the process."""
        ...

    def pid(self) -> int | None:
        """Return the process id; None where it is unknown."""
        ...

    def disk_mib(self) -> float:
        """Return the MiB that its files take; 0 where the file system bounds them."""
        ...

    def end(self) -> tuple[str, float]:
        """Kill the process and its descendants.

        Returns:
            A sentence on how the process had ended before that; the CPU seconds of all, 0 where unknown.
        """
        ...


class LimitExceeded(Exception):
    """A candidate has exceeded a limit.

    Args:
        outcome: as in ``Outcome``.
        message: which limit, for a person.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(outcome, message)
        self.outcome, self.message = outcome, message


class Watchdog:
    """Checks the limits of one candidate's process while it waits for the process's answers.

    Args:
        process: to be checked.
        timeout_s: limit of CPU time for all calls together.
        memory_mib: limit of memory for the process and its descendants together.
        on_idle: called once if the candidate waits without using a core; None if it keeps its core.
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
        self._step_s: float | None = None
        self._receive_timeout_s = min(FIRST_CHECK_S, timeout_s)
        self._next_check_s = time.monotonic() + self._receive_timeout_s

    def receive(self) -> bytes:
        """Return the next message.

        Raises:
            LimitExceeded: a limit was exceeded, whether the process answered or not.
            Closed, Oversized: see ``wire``.
        """
        began_s = time.monotonic()
        while True:
            # The same timeout as the last time costs no call to the kernel; a check may be late by as much.
            receiving_s = time.monotonic()
            message = self._channel.receive(self._receive_timeout_s)
            now_s = time.monotonic()
            self._budget.add_wait(now_s - began_s)
            if now_s - receiving_s > self._receive_timeout_s + STOPPED_S:
                # receive() itself never takes so long, whatever the candidate sends.
                self._budget.take_off_stop(now_s - receiving_s - self._receive_timeout_s)
            began_s = now_s
            # Also when the process has answered: many short calls can take as long as a long one.
            if now_s >= self._next_check_s:
                self._check_limits()
            if message is not None:
                return message

    def begin_step(self, timeout_s: float) -> None:
        """Limit the time from the next check on by ``timeout_s``, until this is called again.

        The limit for all steps together stays. Most steps end before a check, and so cost none.
        """
        self._step_s = timeout_s

    def charge(self, began_s: float) -> None:
        """Add the CPU time that this process has spent on an answer to the candidate's.

        Args:
            began_s: ``time.thread_time()`` when it began.
        """
        self._budget.charge(time.thread_time() - began_s)

    def check_limits_once_more(self) -> None:
        """Check the limits after the last answer, if the next check is due.

        Raises:
            LimitExceeded: a limit was exceeded.
        """
        if time.monotonic() >= self._next_check_s:
            self._check_limits()

    def is_doubtful(self, outcome: str) -> bool:
        """Return whether an outcome may be due to a busy machine, or to sharing the memory while waiting."""
        if outcome == "timeout":
            return self._budget.cannot_see_queueing()
        return outcome == "memory" and self._shares

    def _check_limits(self) -> None:
        budget = self._budget
        budget.refresh()
        if self._step_s is not None:
            budget.begin_step(self._step_s)
            self._step_s = None
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

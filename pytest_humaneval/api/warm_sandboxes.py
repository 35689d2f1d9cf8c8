"""Sandboxes that stay open between calls, so that a verdict costs no start of a process.

Each is kept by the limits that it was opened with, and closed at the end of the process. A forked process
opens its own.
"""

from __future__ import annotations

import atexit
import os
import threading
from asyncio import CancelledError
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_humaneval.core.records import Limits
from pytest_humaneval.evaluation.sandboxes import execution_threads
from pytest_humaneval.sandbox.local import open_local
from pytest_humaneval.sandbox.pool import PooledSandbox

# Worker processes wait without using the CPU, but each takes some 15 MiB of memory.
_MOST_UNUSED = 2

Key = tuple[float, int | None]
"""The time limit of a candidate, in seconds, and how many run at once (None: on all cores)."""


@dataclass
class WarmSandbox:
    """An open sandbox, the threads that wait for its verdicts, and how many calls use it now."""

    sandbox: PooledSandbox
    threads: ThreadPoolExecutor
    users: int = 0

    def close(self) -> None:
        """End every process and thread."""
        self.sandbox.close()
        self.threads.shutdown()


class WarmSandboxes:
    """Opens sandboxes when they are first needed, and keeps those used last; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # In the order of their last use.
        self._kept: dict[Key, WarmSandbox] = {}

    @contextmanager
    def using(self, timeout_s: float, jobs: int | None = None) -> Iterator[WarmSandbox]:
        """Give a sandbox of these limits, for as long as the context lasts.

        Raises:
            SandboxError: no process can be started.
        """
        key = (timeout_s, jobs)
        with self._lock:
            warm = self._kept.pop(key, None) or _open(timeout_s, jobs)
            self._kept[key] = warm
            warm.users += 1
        try:
            yield warm
        except (KeyboardInterrupt, CancelledError):
            # What still runs would otherwise go on, and keep the process from ending, until its time is over.
            self._interrupt(key, warm)
            raise
        finally:
            with self._lock:
                warm.users -= 1
                surplus = self._take_surplus()
            for each in surplus:
                each.close()

    def close(self) -> None:
        """Close all sandboxes."""
        with self._lock:
            kept, self._kept = list(self._kept.values()), {}
        for warm in kept:
            warm.close()

    def abandon(self) -> None:
        """Begin anew in a forked process: what was inherited is the parent's."""
        for warm in self._kept.values():
            warm.sandbox.abandon()
        # The lock too: another thread may have held it when the process was forked.
        self.__init__()  # type: ignore[misc]

    def _interrupt(self, key: Key, warm: WarmSandbox) -> None:
        with self._lock:
            is_shared = warm.users > 1
            if not is_shared:
                self._kept.pop(key, None)
        if not is_shared:
            warm.close()

    def _take_surplus(self) -> list[WarmSandbox]:
        unused = [key for key, warm in self._kept.items() if not warm.users]
        return [self._kept.pop(key) for key in unused[:-_MOST_UNUSED]]


def _open(timeout_s: float, jobs: int | None) -> WarmSandbox:
    # The default is left to each dataset.
    limits = Limits().overridden(None if timeout_s == Limits.timeout_s else timeout_s, None)
    sandbox = open_local(limits, jobs, "forkserver", "auto")
    return WarmSandbox(sandbox, execution_threads(sandbox))


WARM = WarmSandboxes()
"""Those of this process."""

atexit.register(WARM.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WARM.abandon)

"""Execution in the background: threads that take completions in the order in which they come.

What no thread takes at once waits on disk, so a model that is faster than the sandbox costs no memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from pytest_humaneval.core.completion_json import from_json, to_json
from pytest_humaneval.core.records import Draw, DrawResult
from pytest_humaneval.core.spool import Place, Spool

JudgeDraw = Callable[[str, Draw, DrawResult], None]
"""Takes an experiment's name, a draw and what became of it."""

T = TypeVar("T")


class Execution:
    """Judges what it is given, in the order given, on threads that only wait for the sandbox."""

    def __init__(self, threads: int, judge: JudgeDraw) -> None:
        """Start the threads.

        Raises:
            RuntimeError: so many cannot be started.
        """
        self._judge = judge
        self._spool: Spool[DrawResult] = Spool(to_json, from_json)
        self._waiting: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self.is_closed = False
        self._threads: list[threading.Thread] = []
        try:
            for number in range(threads):
                self._start(f"humaneval-execution-{number}")
        except RuntimeError:
            self.close()
            raise

    def submit(self, name: str, draw: Draw, completion: DrawResult) -> None:
        """Have a draw judged; returns at once."""
        if self._waiting.qsize() < len(self._threads):
            self._waiting.put(partial(self._judge, name, draw, completion))
        else:
            self._waiting.put(partial(self._judge_spooled, name, draw, self._spool.write(completion)))

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called by one of the threads; do not wait for it after ``close``."""
        result: Future[T] = Future()

        def settle() -> None:
            # Who asked for it may have given up since.
            if not result.set_running_or_notify_cancel():
                return
            try:
                result.set_result(function())
            except Exception as error:
                result.set_exception(error)

        self._waiting.put(settle)
        return result

    def close(self) -> None:
        """JudgeDraw nothing more, and wait until the threads have ended."""
        self.is_closed = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self, name: str) -> None:
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None and not self.is_closed:
            task()

    def _judge_spooled(self, name: str, draw: Draw, place: Place) -> None:
        self._judge(name, draw, self._spool.read(place))

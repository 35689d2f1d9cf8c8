"""Execution in the background: threads that take completions as they come, those first that will take long.

What no thread takes at once waits on disk, so a model that is faster than the sandbox costs no memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from itertools import count
from math import inf
from queue import PriorityQueue
from types import MappingProxyType
from typing import TypeVar

from pytest_humaneval.core.completion_json import from_json, to_json
from pytest_humaneval.core.records import Draw, DrawResult
from pytest_humaneval.core.spool import Place, Spool
from pytest_humaneval.evaluation.plan import Key

JudgeDraw = Callable[[str, Draw, DrawResult], None]
"""Takes an experiment's name, a draw and what became of it."""

NOTHING_KNOWN: Mapping[Key, float] = MappingProxyType({})

T = TypeVar("T")

_Task = Callable[[], object]

# A model may wait for what a call finds.
_CALL = -inf


class Execution:
    """Judges what it is given, on threads that only wait for the sandbox.

    The problems go first that take long, the others in the order given.
    """

    def __init__(self, threads: int, judge: JudgeDraw, seconds: Mapping[Key, float] = NOTHING_KNOWN) -> None:
        """Start the threads; ``seconds`` says which problems take long.

        Raises:
            RuntimeError: so many cannot be started.
        """
        self._judge, self._seconds = judge, seconds
        self._spool: Spool[DrawResult] = Spool(to_json, from_json)
        # With its priority, the least first, and a number, so that equal ones keep their order.
        self._waiting: PriorityQueue[tuple[float, int, _Task | None]] = PriorityQueue()
        self._numbers = count()
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
        priority = -self._seconds.get((name, draw.task_id), 0.0)
        if self._waiting.qsize() < len(self._threads):
            self._put(priority, partial(self._judge, name, draw, completion))
        else:
            self._put(priority, partial(self._judge_spooled, name, draw, self._spool.write(completion)))

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called by one of the threads, before the draws that wait.

        Do not wait for it after ``close``.
        """
        result: Future[T] = Future()

        def settle() -> None:
            # Who asked for it may have given up since.
            if not result.set_running_or_notify_cancel():
                return
            try:
                result.set_result(function())
            except Exception as error:
                result.set_exception(error)

        self._put(_CALL, settle)
        return result

    def close(self) -> None:
        """Judge nothing more, and wait until the threads have ended."""
        self.is_closed = True
        for _ in self._threads:
            self._put(_CALL, None)
        for thread in self._threads:
            thread.join()

    def _start(self, name: str) -> None:
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _work(self) -> None:
        while (task := self._waiting.get()[-1]) is not None and not self.is_closed:
            task()

    def _put(self, priority: float, task: _Task | None) -> None:
        self._waiting.put((priority, next(self._numbers), task))

    def _judge_spooled(self, name: str, draw: Draw, place: Place) -> None:
        self._judge(name, draw, self._spool.read(place))

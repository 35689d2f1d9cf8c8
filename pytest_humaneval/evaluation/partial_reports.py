"""Reports written while the run goes on: now and then, by a thread of its own, at little cost to the run."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.report_writing import Reports
from pytest_humaneval.evaluation.results import ResultCollector

# A run shorter than this writes its reports once, at the end.
EVERY_S = 60.0
# The next write waits for so many times what the last one took, so that all of them take 2 % of the time.
WAIT_RATIO = 50.0


class PartialReports:
    """Writes the reports that can be partial while a run's results come in.

    Args:
        reports: the run's reports.
        collector: where the results come in.
    """

    def __init__(self, reports: Reports, collector: ResultCollector) -> None:
        self._reports, self._collector = reports, collector
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_written = False

    def start(self) -> None:
        """Begin to write now and then, if there is a report that can be partial."""
        if self._reports.writes_partial:
            thread = threading.Thread(target=self._run, name="humaneval-reports", daemon=True)
            # Where no thread can be started, the run itself says so.
            with suppress(RuntimeError):
                thread.start()
                self._thread = thread

    def close(self) -> None:
        """Write no more; return when a write that is under way has ended."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def conclude(self) -> None:
        """Let what was written say that the run has ended, where no whole report takes its place."""
        if self._is_written:
            self._write(None)

    def _run(self) -> None:
        wait_s = EVERY_S
        while not self._ending.wait(wait_s):
            started_s = time.monotonic()
            self._write(wait_s)
            wait_s = max(EVERY_S, WAIT_RATIO * (time.monotonic() - started_s))

    def _write(self, next_write_s: float | None) -> None:
        runs, progress = self._collector.runs_so_far(), self._collector.progress
        unfinished = self._collector.unfinished(runs, next_write_s)
        if unfinished is not None and unfinished.judged:
            session = SessionSummary(runs, {}, None, warnings=tuple(progress.warnings), unfinished=unfinished)
            self._reports.write_partial(session, progress.warn)
            self._is_written = True

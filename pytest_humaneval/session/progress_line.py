"""The progress line on pytest's own terminal, and texts that are shown there at once."""

from __future__ import annotations

import threading

import pytest

from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.reports.progress_text import progress_text
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.session.shared_terminal import LinesBetween, has_room, open_status_row
from pytest_humaneval.session.state import COLLECTOR, LINE

_REFRESH_EVERY_S = 0.25


def line_of(config: pytest.Config) -> ProgressLine:
    """Return the progress line of this process, the same at every call.

    It is silent with ``-q``, and on the terminal of another reporter than pytest's.
    """
    if LINE not in config.stash:
        config.stash[LINE] = _open_line(config)
    return config.stash[LINE]


def _open_line(config: pytest.Config) -> ProgressLine:
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    is_live = reporter is not None and has_room(config, reporter)
    # Another reporter, such as pytest-sugar's, moves the cursor itself.
    is_other_s = is_live and type(reporter) is not pytest.TerminalReporter
    if reporter is None or config.get_verbosity() < 0 or is_other_s:
        return ProgressLine(lambda _text: None, is_live=False)
    if is_live:
        return ProgressLine(open_status_row(config).show, is_live=True)
    return ProgressLine(LinesBetween(config, reporter).show, is_live=False)


def show_progress(config: pytest.Config) -> None:
    """Show how far the run is, if the interval has passed; nothing before it has begun and at its end."""
    line, progress = line_of(config), config.stash[COLLECTOR].progress
    if not progress.is_under_way:
        line.clear()
        return
    # One less than there are: a text in the last column may move the cursor. A log has no width.
    columns = {"columns": config.get_terminal_writer().fullwidth - 1} if line.is_live else {}
    line.show(lambda _elapsed_s: visible(progress_text(progress.state(), **columns)))


def show(config: pytest.Config, text: str) -> None:
    """Show a text on pytest's terminal at once, whatever is being captured."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        line_of(config).clear()
        LinesBetween(config, reporter).show(text)


class ProgressHooks:
    """Hooks that show the progress line; for the process that owns the terminal.

    In one process the tests call ``show_progress`` while they wait. The controller of pytest-xdist has no
    tests, so there a thread does.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the line while nothing is captured."""
        line_of(self._config)

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Begin to show how far the run is, from a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._refresh, name="humaneval-progress", daemon=True)
            self._thread.start()

    def _refresh(self) -> None:
        while not self._ending.wait(_REFRESH_EVERY_S):
            show_progress(self._config)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self) -> None:
        """Show how far the run is, now that pytest has written an item's outcome."""
        if self._thread is None:
            show_progress(self._config)

    def pytest_enter_pdb(self) -> None:
        """Leave the terminal to the debugger."""
        line_of(self._config).clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Remove the line: what follows is the result."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        line_of(self._config).clear()

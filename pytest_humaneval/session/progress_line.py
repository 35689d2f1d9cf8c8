"""The progress line on pytest's own terminal, and texts that are shown there at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.reports.progress import ProgressLine, progress_text
from pytest_humaneval.session.state import COLLECTOR, LINE

_ERASE_REST = "\x1b[K"  # ECMA-48: EL, and below CUU and CUF
_UP = "\x1b[A"


def progress_line(config: pytest.Config) -> ProgressLine:
    """Return a progress line on pytest's terminal; a silent one where there is none, or with ``-q``."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or config.get_verbosity() < 0:
        return ProgressLine(lambda _text: None, is_live=False)
    is_live = bool(reporter.isatty) and os.environ.get("TERM") != "dumb"
    return ProgressLine(_below(config) if is_live else _logged(config, reporter), is_live)


def line_of(config: pytest.Config) -> ProgressLine:
    """Return the progress line of this process, the same at every call."""
    if LINE not in config.stash:
        config.stash[LINE] = progress_line(config)
    return config.stash[LINE]


def show_progress(config: pytest.Config) -> None:
    """Show how far this process's run is, if the interval has passed."""
    line_of(config).show(lambda _elapsed_s: progress_message(config.stash[COLLECTOR].progress))


def progress_message(progress: Progress) -> str:
    """Return how far generation and execution are, in a line."""
    return progress_text(
        progress.done, progress.judged, progress.draws, progress.completion_tokens, progress.elapsed_s()
    )


def show(config: pytest.Config, text: str) -> None:
    """Show a text on pytest's terminal at once, whatever is being captured."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        _logged(config, reporter)(text)


def _logged(config: pytest.Config, reporter: pytest.TerminalReporter) -> Callable[[str], None]:
    """Return what writes a text on lines of its own."""
    writer = config.get_terminal_writer()

    def write(text: str) -> None:
        with _uncaptured(config):
            # With -v pytest has written the test's name, and writes it again, with its outcome, below.
            if config.get_verbosity() > 0:
                reporter.ensure_newline()
            if writer.width_of_current_line:
                reporter.line("")
            reporter.line(text)

    return write


def _below(config: pytest.Config) -> Callable[[str], None]:
    """Return what writes a text below the line that pytest is writing, and goes back there for an empty one.

    So pytest's own line, dots or a test's name, goes on where it was, and its writer never knows.
    """
    writer = config.get_terminal_writer()
    is_shown = False

    def write(text: str) -> None:
        nonlocal is_shown
        start = "\r" if is_shown else "\n"
        column = writer.width_of_current_line
        back = f"{_UP}\x1b[{column}C" if column else _UP
        with _uncaptured(config):
            if sys.__stdout__ is not None:
                sys.__stdout__.write(
                    f"{start}{text[: writer.fullwidth - 1]}{_ERASE_REST}{'' if text else back}"
                )
                sys.__stdout__.flush()
        is_shown = bool(text)

    return write


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else nullcontext()

"""What is shown on pytest's own terminal during the run: the progress line, and a text at once."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from pytest_humaneval.reports.progress import ProgressLine


def progress_line(config: pytest.Config) -> ProgressLine:
    """Return a progress line on pytest's terminal; a silent one where there is none, or with ``-q``."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or config.get_verbosity() < 0:
        return ProgressLine(lambda _text: None, is_live=False)
    terminal, is_live = reporter, bool(reporter.isatty)

    def write(text: str) -> None:
        with _uncaptured(config):
            terminal.ensure_newline()
            if is_live:
                terminal.rewrite(text, erase=True)
            else:
                terminal.write_line(text)

    return ProgressLine(write, is_live)


def show(config: pytest.Config, text: str) -> None:
    """Show a text on pytest's terminal at once, whatever is being captured."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        with _uncaptured(config):
            reporter.ensure_newline()
            reporter.write_line(text)


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else nullcontext()

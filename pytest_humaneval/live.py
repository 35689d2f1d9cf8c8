"""The progress line on pytest's own terminal."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from pytest_humaneval.reports.progress import ProgressLine


def progress_line(config: pytest.Config) -> ProgressLine:
    """Return a progress line on pytest's terminal; a silent one where there is none, or with ``-q``."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or config.get_verbosity() < 0:
        return ProgressLine(lambda _text: None, is_live=False)
    capture = config.pluginmanager.getplugin("capturemanager")
    terminal, is_live = reporter, bool(reporter.isatty)

    def write(text: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            terminal.ensure_newline()
            if is_live:
                terminal.rewrite(text, erase=True)
            else:
                terminal.write_line(text)

    return ProgressLine(write, is_live)

"""The command ``history``: the scores of a folder of reports, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_humaneval.commands.html import write_file
from pytest_humaneval.reports.history import read_history
from pytest_humaneval.reports.history_table import history_lines


def run_history(folder: Path, html: Path | None, print_line: Callable[[str], None]) -> int:
    """Print pass@1 of every experiment in every report of a folder, and write the page with the plots.

    Returns:
        0.

    Raises:
        ConfigError: there is no report in the folder, or the page cannot be written.
    """
    history = read_history(folder)
    for line in history_lines(history):
        print_line(line)
    if html is not None:
        # Imported late: only the page needs it.
        from pytest_humaneval.reports.html.history import write_history

        print_line(write_file(html, lambda: write_history(html, history, str(folder)), folder.glob("*.json")))
    return 0

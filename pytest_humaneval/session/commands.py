"""Commands that take the place of a run: each ends pytest with an exit status of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_humaneval.commands.doctor import run_doctor
from pytest_humaneval.commands.init import run_init
from pytest_humaneval.commands.replay import run_replay
from pytest_humaneval.commands.selftest import run_selftest
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.reports.visible import visible

PrintLine = Callable[[str], None]
"""Takes a line for the terminal."""

_COMMANDS: Mapping[str, Callable[[Settings, PrintLine], int]] = {
    "selftest": run_selftest,
    "replay": run_replay,
    "doctor": run_doctor,
    "init": lambda _, print_line: run_init(Path.cwd(), print_line),
}


def run_command(name: str, settings: Settings) -> int:
    """Run a command and return the exit status.

    Raises:
        pytest.UsageError: what it was given cannot be used.
    """
    try:
        return _COMMANDS[name](settings, lambda line: print(visible(line)))
    except HumanEvalError as error:
        raise pytest.UsageError(str(error)) from error

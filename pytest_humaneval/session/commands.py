"""What can be asked of the plugin instead of a run; each ends pytest with a status of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pytest_humaneval.commands.doctor import examine
from pytest_humaneval.commands.replay import replay_report
from pytest_humaneval.commands.selftest import test_harness
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.reports.visible import visible

Tell = Callable[[str], None]
"""Takes a line for the terminal."""

_COMMANDS: Mapping[str, Callable[[Settings, Tell], int]] = {
    "selftest": test_harness,
    "replay": replay_report,
    "doctor": examine,
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

"""What a failing item shows: its card, on the report and, for a debugger, on the terminal."""

from __future__ import annotations

from typing import NoReturn

import pytest

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.session.debugging import run_program, write_program
from pytest_humaneval.session.progress_line import show
from pytest_humaneval.session.state import PLAN


def fail(config: pytest.Config, experiment: str, result: ProblemResult) -> NoReturn:
    """End an item as failed, with its card for a message."""
    pytest.fail(failure_text(_card(config, experiment, result)), pytrace=False)


def debug(
    config: pytest.Config, folders: pytest.TempPathFactory, experiment: str, result: ProblemResult
) -> None:
    """Where the settings say so, run a failing program in this very process, for a debugger to stop in."""
    card = _card(config, experiment, result)
    if config.stash[PLAN].settings.debug and card.sample.solution is not None:
        show(config, failure_text(card))
        run_program(write_program(card.problem, card.sample.solution, folders.mktemp("debug")))


def _card(config: pytest.Config, experiment: str, result: ProblemResult) -> FailureCard:
    plan = config.stash[PLAN]
    return failure_card(result, plan.problems[result.task_id], experiment, plan.settings)

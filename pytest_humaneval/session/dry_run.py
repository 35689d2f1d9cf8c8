"""The dry run on pytest's terminal: after collection, in place of the tests."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.evaluation.dry_run import previews
from pytest_humaneval.reports.preview_text import preview_lines
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.session.state import PLAN, SELECTED, selection_of


def run_alone(config: pytest.Config) -> None:
    """Have xdist start no workers (called before it reads how many it should start)."""
    if hasattr(config.option, "dist"):
        config.option.dist = "no"


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Show what would be requested for the selected items, and run none.

    Raises:
        pytest.Session.Interrupted: something could not be collected.
        pytest.UsageError: the completion store cannot be opened.
    """
    if session.testsfailed:
        raise session.Interrupted(f"{session.testsfailed} errors during collection")
    plan, warnings = session.config.stash[PLAN], list[str]()
    try:
        found = list(previews(plan, selection_of(session.config.stash[SELECTED]), warnings.append))
    except HumanEvalError as error:
        raise pytest.UsageError(str(error)) from error
    # pytest's own reporter may be absent (-p no:terminal), its writer is not.
    writer = session.config.get_terminal_writer()
    writer.line()
    for line in (*warnings, *preview_lines(found, plan.settings.max_cost)):
        writer.line(visible(line))
    return True

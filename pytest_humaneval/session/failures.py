"""What a failing item shows: its card, on the report and, for a debugger, on the terminal.

With many failures a card has a few lines; ``-v``, ``--tb=long`` or a single selected problem have it whole.
"""

from __future__ import annotations

from typing import NoReturn

import pytest
from _pytest._code.code import ReprExceptionInfo, ReprFileLocation, ReprTracebackNative
from _pytest._io import TerminalWriter
from _pytest.outcomes import Failed

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.reports.compact_failure import compact_text, reason
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.session.debugging import run_program, write_program
from pytest_humaneval.session.progress_line import show
from pytest_humaneval.session.state import PLAN, SELECTED

# Of reports with ``--tb=no`` files alone show anything, such as JUnit's XML.
_WHOLE_STYLES = ("long", "native", "no")


class CardFailure(Failed):
    """A failure that pytest is to show as a card.

    Args:
        text: the card.
        reason: the same in one line, for pytest's short test summary.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, pytrace=False)
        self._text, self._reason = text, reason

    def shown(self, nodeid: str) -> ReprExceptionInfo:
        """Return what the report of an item holds instead of a traceback."""
        text = [f"{self._text}\n"] if self._text else []
        return ReprExceptionInfo(ReprTracebackNative(text), _Item(nodeid, _NO_LINE, self._reason))


_NO_LINE = 0


class _Item(ReprFileLocation):
    """An item and why it failed, where pytest shows the line of a file that failed: with ``--tb=line``."""

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(f"{self.path}: {self.message}")


def restore(report: pytest.TestReport) -> None:
    """Make of a report from a worker of xdist what it was there: what is sent has no classes of ours."""
    shown = report.longrepr
    if isinstance(shown, ReprExceptionInfo) and shown.reprcrash and shown.reprcrash.lineno == _NO_LINE:
        shown.reprcrash = _Item(shown.reprcrash.path, _NO_LINE, shown.reprcrash.message)


def fail(config: pytest.Config, experiment: str, result: ProblemResult) -> NoReturn:
    """End an item as failed, with its card for a message."""
    card = _card(config, experiment, result)
    raise CardFailure(_text(config, card), reason(card))


def _text(config: pytest.Config, card: FailureCard) -> str:
    """Return as much of a card as the settings ask for."""
    style = config.option.tbstyle
    if style == "line":
        # pytest shows the reason then, and some versions the text above it.
        return ""
    is_detailed = config.get_verbosity() > 0 or len(config.stash[SELECTED]) == 1
    is_whole = style in _WHOLE_STYLES or (style == "auto" and is_detailed)
    return failure_text(card) if is_whole else compact_text(card)


def debug(
    config: pytest.Config, folders: pytest.TempPathFactory, experiment: str, result: ProblemResult
) -> None:
    """Where the settings say so, run a failing program in this very process, for a debugger to stop in."""
    card = _card(config, experiment, result)
    if config.stash[PLAN].settings.debug and card.sample.solution is not None:
        show(config, failure_text(card))
        run_program(write_program(card.problem, card.sample, folders.mktemp("debug")))


def _card(config: pytest.Config, experiment: str, result: ProblemResult) -> FailureCard:
    plan = config.stash[PLAN]
    problem, dataset = plan.problems[experiment][result.task_id], plan.datasets[experiment].name
    return failure_card(result, problem, experiment, plan.settings, dataset=dataset)

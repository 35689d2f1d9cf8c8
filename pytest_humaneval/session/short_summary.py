"""Pytest's short test summary, with room for the reasons.

Pytest cuts what stands behind a node id at the width of the terminal, and the ids of problems alone take
most of 80 columns.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping

import pytest

from pytest_humaneval.evaluation.plan import Key, Plan

_REASON_CHARS = 40


def shorten_node_ids(reporter: pytest.TerminalReporter, plan: Plan, selected: Mapping[str, Key]) -> None:
    """Have pytest write "...::HumanEval/0-entry_point" where a whole node id leaves no room for the reason.

    The reports themselves stay as they are; ``reporter.stats`` has copies instead, for the caller to undo.
    """
    if _is_unlimited(reporter.config):
        return
    for category in ("failed", "error"):
        reports = reporter.stats.get(category)
        if reports:
            reporter.stats[category] = [_shortened(report, reporter, plan, selected) for report in reports]


def _is_unlimited(config: pytest.Config) -> bool:
    """Whether pytest cuts nothing, or whole ids were asked for."""
    return config.get_verbosity() > 0 or any(os.environ.get(name) for name in ("CI", "BUILD_NUMBER"))


def _shortened(
    report: pytest.TestReport, reporter: pytest.TerminalReporter, plan: Plan, selected: Mapping[str, Key]
) -> pytest.TestReport:
    key = selected.get(report.nodeid)
    width = reporter.config.get_terminal_writer().fullwidth
    if key is None or len(f"FAILED {report.nodeid} - ") + _REASON_CHARS <= width:
        return report
    name, task_id = key
    experiment = f"{name}-" if len(plan.experiments) > 1 else ""
    shown = copy.copy(report)
    shown.nodeid = f"...::{experiment}{plan.label(name, task_id)}"
    return shown

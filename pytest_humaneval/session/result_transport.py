"""How an item's result gets to the process that reports: on the report of its set-up, with and without xdist.

Hooks registered when an experiment is named, in the controller and in its workers.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_humaneval.core.results_json import from_text, to_text
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.session.failures import CardFailure, restore
from pytest_humaneval.session.state import REPORTED, RESULT, RESULT_FIXTURE


def _make_encodable(report: pytest.TestReport) -> None:
    """Escape what a failure quotes of a model and no encoding has: xdist could not send it."""
    text = str(report.longrepr)
    if (shown := visible(text)) != text:
        report.longrepr = shown


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put an item's result on the report of its set-up, and its card on the report of its failure."""
    report = yield
    if report.failed and call.excinfo and isinstance(call.excinfo.value, CardFailure):
        report.longrepr = call.excinfo.value.shown(report.nodeid)
    elif report.failed and isinstance(item, pytest.Function) and RESULT_FIXTURE in item.fixturenames:
        _make_encodable(report)
    if call.when == "setup" and (result := item.stash.get(RESULT, None)):
        setattr(report, REPORTED, result)
        del item.stash[RESULT]
    return report


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(
    report: pytest.CollectReport | pytest.TestReport,
) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
    """Make text of a result where a worker sends its report to the controller."""
    data = yield
    if data and hasattr(report, REPORTED):
        data[REPORTED] = to_text(getattr(report, REPORTED))
    return data


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(
    data: dict[str, Any],
) -> Generator[None, pytest.CollectReport | pytest.TestReport | None, object]:
    """Make a result of that text again, in the controller."""
    report = yield
    if isinstance(report, pytest.TestReport):
        restore(report)
    if report is not None and REPORTED in data:
        setattr(report, REPORTED, from_text(data[REPORTED]))
    return report

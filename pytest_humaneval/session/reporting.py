"""Pytest hooks that report a run: results, reports, gate and summary; for the process that owns the terminal.

With pytest-xdist that is the controller, which gets every item's result with its report, as a plain run does.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_humaneval.api.run import public
from pytest_humaneval.core.config.experiment import read_experiments
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.evaluation.ablation import ablate
from pytest_humaneval.evaluation.longest_first import remember
from pytest_humaneval.evaluation.partial_reports import PartialReports
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.report_writing import Reports, open_reports
from pytest_humaneval.evaluation.resolution import experiments_file
from pytest_humaneval.evaluation.summary import RunSummary, read_baselines
from pytest_humaneval.reports import terminal
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.session.collection import is_listing
from pytest_humaneval.session.plugins import Listeners, on_request, registry_of
from pytest_humaneval.session.progress_line import line_of
from pytest_humaneval.session.short_summary import shorten_node_ids
from pytest_humaneval.session.state import COLLECTOR, EXIT_STATUS, MAY_LEAVE_PROBLEMS_OUT, PLAN, REPORTED
from pytest_humaneval.session.terminal_summary import TerminalSummary, title_of

_DECIDABLE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def print_experiments(settings: Settings, registry: Registry) -> None:
    """Print the experiments of the file in use."""
    path = experiments_file(settings)
    try:
        experiments = read_experiments(path, registry.schema)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    print(
        f"experiments of {path}:",
        *terminal.experiment_table(list(experiments.values()), registry.steps),
        sep="\n",
    )


def _metadata(config: pytest.Config) -> dict[str, Any]:
    """Return what pytest-metadata knows of the environment; nothing without that plugin."""
    key: Any = getattr(config.pluginmanager.get_plugin("metadata"), "metadata_key", None)
    return config.stash.get(key, {})


class Reporting:
    """Hooks, in the order in which pytest calls them."""

    def __init__(self, config: pytest.Config) -> None:
        self._plan, self._collector = config.stash[PLAN], config.stash[COLLECTOR]
        self._exit_status = config.stash[EXIT_STATUS]
        self._may_have_no_problem = config.stash[MAY_LEAVE_PROBLEMS_OUT]
        self._failed_by_verdict = 0
        warn = self._collector.progress.warn
        self._on_judged = Listeners(config, "pytest_humaneval_sample_judged", warn)
        self._on_finished = Listeners(config, "pytest_humaneval_run_finished", warn)
        self._environment = _metadata(config)
        try:
            self._run_summary = RunSummary(self._plan, self._collector, read_baselines(self._plan))
            is_read_only = is_listing(config)
            self._reports = Reports() if is_read_only else open_reports(self._plan, registry_of(config))
            self._partial_reports = PartialReports(self._reports, self._collector)
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Become xdist's controller where it distributes (called before it starts its workers)."""
        self._partial_reports.start()
        manager = session.config.pluginmanager
        if manager.hasplugin("dsession"):
            from pytest_humaneval.session.workers.controller import Controller

            listen = on_request(session.config, self._collector.progress.warn)
            manager.register(Controller(self._plan, self._collector, listen), "humaneval-controller")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take an item's result off its report, so that nobody keeps it twice."""
        result = report.__dict__.pop(REPORTED, None)
        if not self._collector.knows(report.nodeid):
            return
        if result is not None:
            self._add(report.nodeid, result)
        # xdist makes a report of its own, with when="???", for the item on which a worker died.
        elif report.when not in ("setup", "call", "teardown"):
            self._collector.lose(report.nodeid, report.longreprtext)
        # As pytest itself counts failures: those of an expected kind do not.
        if report.failed and not hasattr(report, "wasxfail"):
            self._failed_by_verdict += not self._collector.has_passed(report.nodeid)

    def _add(self, nodeid: str, result: ProblemResult) -> None:
        experiment, is_new = self._collector.add(nodeid, result)
        if is_new and self._on_judged:
            for sample in result.samples:
                self._on_judged(experiment=experiment, task_id=result.task_id, sample=sample)

    def pytest_internalerror(self) -> None:
        """Note an error of pytest's own: after one in a worker xdist goes on as if nothing had been."""
        self._exit_status.has_internal_error = True

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """Write the reports before other plugins write their files; when those are done, conclude."""
        self._partial_reports.close()
        if not is_listing(session.config) and self._run_summary.runs:
            self._write(session.config)
        else:
            self._partial_reports.conclude()
        try:
            return (yield)
        finally:
            self._conclude(session, exitstatus)

    def _conclude(self, session: pytest.Session, exitstatus: int) -> None:
        """Let the gate decide the exit status."""
        if is_listing(session.config):
            return
        if self._may_have_no_problem and self._run_summary.has_no_problem:
            # Then the run is one of the project's own tests, and its status is theirs.
            self._exit_status.has_gate = False
        self._exit_status.has_judged_nothing = self._run_summary.has_nothing_of_all
        if self._reports.trouble:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self._may_decide(session, exitstatus):
            self._exit_status.decision = self._run_summary.decision
            # The decision turns it into its own.
            session.exitstatus = pytest.ExitCode.OK
        session.exitstatus = self._exit_status.of(session.exitstatus)

    def _write(self, config: pytest.Config) -> None:
        if self._plan.settings.ablate:
            self._ablate(line_of(config))
        remember(self._plan, self._run_summary.runs)
        for run in self._run_summary.runs:
            self._on_finished(run=public(run))
        self._reports.write(self._run_summary.session_summary)
        try:
            saved = self._run_summary.save_baseline()
        except OSError as error:
            self._reports.trouble.append(str(error))
        else:
            self._reports.lines += [] if saved is None else [saved]

    def _may_decide(self, session: pytest.Session, exitstatus: int) -> bool:
        """Whether the gate speaks for all of the session: whatever failed did so by its verdict.

        pytest counts every failure, also those that no test reports (a plugin's own, such as coverage's).
        """
        is_another_s = session.exitstatus not in (pytest.ExitCode.OK, exitstatus)
        has_other_failures = session.testsfailed > self._failed_by_verdict
        is_decidable = exitstatus in _DECIDABLE and not self._exit_status.has_internal_error
        return self._exit_status.has_gate and is_decidable and not (is_another_s or has_other_failures)

    def _ablate(self, line: ProgressLine) -> None:
        def show_progress(text: str) -> None:
            line.show(lambda _elapsed_s: text)

        self._run_summary.ablation = ablate(self._plan, self._run_summary.runs, show_progress)
        line.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Add the report to pytest-json-report's file."""
        json_report["humaneval"] = self._run_summary.report
        # pytest-json-report 1.5 looks where pytest-metadata kept it before its version 3.
        if not json_report.get("environment"):
            json_report["environment"] = self._environment

    @pytest.hookimpl(specname="pytest_terminal_summary", trylast=True)
    def pytest_short_test_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Leave room for the reasons (called between pytest's failures and its short test summary)."""
        shorten_node_ids(terminalreporter, self._plan, self._collector.selected)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, object, object]:
        """Show the table of the runs below all that pytest and other plugins show."""
        stats = dict(terminalreporter.stats)
        result = yield
        terminalreporter.stats.update(stats)
        if self._run_summary.runs or self._plan.has_gate:
            self._show_summary(terminalreporter)
        return result

    def _show_summary(self, reporter: pytest.TerminalReporter) -> None:
        if self._plan.has_gate and not self._exit_status.has_gate:
            reporter.section(visible(title_of(self._plan)))
            reporter.line("gate: not asked, since no problem was selected")
            return
        TerminalSummary(reporter, self._plan, self._run_summary).write(
            self._collector.progress.warnings, is_listing(reporter.config), self._reports
        )

"""What is told of a run: header, gate, summary and files; hooks of the process that owns the terminal.

With pytest-xdist that is the controller, which gets every item's result with its report, as a plain run does.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from _pytest.junitxml import xml_key

from pytest_humaneval.ablation import ablate
from pytest_humaneval.conclusion import Conclusion, read_baselines
from pytest_humaneval.core.errors import ConfigError, SandboxError
from pytest_humaneval.core.experiment import read_experiments
from pytest_humaneval.core.results_json import from_json
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.evaluation import sandbox_of
from pytest_humaneval.items import PLAN, REPORTED, TALLY
from pytest_humaneval.live import progress_line
from pytest_humaneval.plan import experiments_file
from pytest_humaneval.reports import github, terminal
from pytest_humaneval.reports.ablation_table import ablation_lines
from pytest_humaneval.reports.junit import properties
from pytest_humaneval.reports.progress import ProgressLine

_DECIDABLE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def print_experiments(settings: Settings) -> None:
    """Print the experiments of the file in use."""
    path = experiments_file(settings)
    try:
        experiments = read_experiments(path)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    print(f"experiments of {path}:", *terminal.experiment_table(list(experiments.values())), sep="\n")


class Reporting:
    """Hooks, in the order in which pytest calls them."""

    def __init__(self, config: pytest.Config) -> None:
        self._plan, self._tally = config.stash[PLAN], config.stash[TALLY]
        self._foreign_failures = 0
        self._trouble: str | None = None
        self._github = github.in_charge(os.environ)
        try:
            self._conclusion = Conclusion(self._plan, self._tally, read_baselines(self._plan))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Become xdist's controller where it distributes (called before it starts its workers)."""
        if self._github:
            session.config.get_terminal_writer().line(self._github.silence)
        if self._plan.settings.isolation == "strict":
            self._insist_on_isolation()
        manager = session.config.pluginmanager
        if manager.hasplugin("dsession"):
            from pytest_humaneval.xdist import Controller

            controller = Controller(self._plan, self._tally, progress_line(session.config))
            manager.register(controller, "humaneval-controller")

    def _insist_on_isolation(self) -> None:
        try:
            sandbox_of(self._plan).close()
        except SandboxError as error:
            raise pytest.UsageError(f"--humaneval-isolation: {error}") from error

    def pytest_report_header(self) -> str:
        """Say what is going to be run."""
        names = ", ".join(self._plan.assignments)
        settings = self._plan.settings
        at_once = f"{settings.jobs} at once" if settings.jobs else "on all cores"
        return (
            f"humaneval: {names}; {len(self._plan.problems)} problems, {at_once}, "
            f"isolation {settings.isolation}"
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take an item's result off its report, so that nobody keeps it twice."""
        result = report.__dict__.pop(REPORTED, None)
        if not self._tally.knows(report.nodeid):
            self._foreign_failures += report.failed
        elif result is not None:
            self._tally.add(report.nodeid, from_json(result))
        elif report.when not in ("setup", "call", "teardown"):  # xdist's report of a worker that died
            self._tally.lose(report.nodeid, report.longreprtext)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int
    ) -> Generator[None, object, object]:
        """Tell the JUnit XML file before it is written; when all others are done, conclude."""
        if (junit := session.config.stash.get(xml_key, None)) is not None:
            for name, value in properties(self._conclusion.told):
                junit.add_global_property(name, value)
        result = yield
        self._conclude(session, exitstatus)
        return result

    def _conclude(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the files, and let the gate decide the exit status."""
        if not self._conclusion.runs:
            return
        if self._plan.settings.ablate:
            self._ablate(progress_line(session.config))
        try:
            self._conclusion.write_files()
            if self._github:
                self._github.add_summary(self._conclusion.told)
        except (OSError, ConfigError) as error:
            self._trouble = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        may_decide = exitstatus in _DECIDABLE and not self._foreign_failures and not self._trouble
        if self._plan.has_gate and may_decide:
            session.exitstatus = self._conclusion.decision.exit_status

    def _ablate(self, line: ProgressLine) -> None:
        def tell(text: str) -> None:
            line.show(lambda _elapsed_s: text)

        self._conclusion.ablation = ablate(self._plan, self._conclusion.runs, tell)
        line.clear()

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Add the report to pytest-json-report's file."""
        json_report["humaneval"] = self._conclusion.report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table of the runs, and what a reader must know beside it."""
        runs, comparisons = self._conclusion.runs, self._conclusion.comparisons
        if not runs:
            return
        terminalreporter.section("HumanEval")
        warnings = self._tally.progress.warnings
        for line in (*terminal.run_table(runs), *terminal.notes(runs, comparisons), *warnings):
            terminalreporter.line(line)
        names = {run.experiment.name: terminal.marked_name(run) for run in runs}
        for line in ablation_lines(self._conclusion.ablation or {}, names):
            terminalreporter.line(line)
        if self._trouble:
            terminalreporter.line(self._trouble, red=True)
        elif html := self._plan.settings.html:
            terminalreporter.line(f"HTML report: {html.resolve().as_uri()}")
        if self._plan.has_gate:
            terminalreporter.line(terminal.gate_line(self._conclusion.decision, runs))
        if self._conclusion.saved:
            terminalreporter.line(self._conclusion.saved)
        if self._github:
            for line in self._github.annotations(self._conclusion.told):
                terminalreporter.write_line(line)

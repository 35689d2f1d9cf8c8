"""What is told of a run: header, gate, summary and files; hooks of the process that owns the terminal.

With pytest-xdist that is the controller, which gets every item's result with its report, as a plain run does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.experiment import read_experiments
from pytest_humaneval.core.gate import Comparison, Decision, check_threshold, compare, sum_up
from pytest_humaneval.core.results_json import from_json
from pytest_humaneval.core.run import Run
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.items import PLAN, REPORTED, TALLY
from pytest_humaneval.plan import experiments_file
from pytest_humaneval.reports import json_report, terminal
from pytest_humaneval.reports.samples import sample_row, write_samples

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
        self._settings = self._plan.settings
        self._foreign_failures = 0
        self._trouble: str | None = None
        self._baselines = self._read_baselines()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Become xdist's controller where it distributes (called before it starts its workers)."""
        manager = session.config.pluginmanager
        if manager.hasplugin("dsession"):
            from pytest_humaneval.xdist import Controller

            manager.register(Controller(self._plan, self._tally), "humaneval-controller")

    def pytest_report_header(self) -> str:
        """Say what is going to be run."""
        names = ", ".join(self._plan.assignments)
        return f"humaneval: {names}; {len(self._plan.problems)} problems, {self._settings.jobs} at once"

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

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the files, and let the gate decide the exit status."""
        runs = self.runs
        if not any(run.results for run in runs):
            return
        try:
            self._write_files()
        except (OSError, ConfigError) as error:
            self._trouble = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        may_decide = exitstatus in _DECIDABLE and not self._foreign_failures and not self._trouble
        if self._plan.has_gate and may_decide:
            session.exitstatus = self._decision.exit_status

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Add the report to pytest-json-report's file."""
        json_report["humaneval"] = self._report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table of the runs, and what a reader must know beside it."""
        if not any(run.results for run in self.runs):
            return
        terminalreporter.section("HumanEval")
        for line in (*terminal.run_table(self.runs), *terminal.notes(self.runs, self._comparisons)):
            terminalreporter.line(line)
        if self._trouble:
            terminalreporter.line(self._trouble, red=True)
        if self._plan.has_gate:
            terminalreporter.line(terminal.gate_line(self._decision, self._settings.fail_under))

    @cached_property
    def runs(self) -> list[Run]:
        """The runs, once all items are through."""
        return self._tally.runs()

    @cached_property
    def _comparisons(self) -> Mapping[str, Comparison]:
        names = [run.experiment.name for run in self.runs]
        return {
            name: compare(run, self._baselines[name])
            for name, run in zip(names, self.runs, strict=True)
            if name in self._baselines
        }

    @cached_property
    def _decision(self) -> Decision:
        fail_under = self._settings.fail_under
        thresholds = [] if fail_under is None else [check_threshold(run, fail_under) for run in self.runs]
        return sum_up([*thresholds, *(comparison.decision for comparison in self._comparisons.values())])

    @cached_property
    def _report(self) -> dict[str, Any]:
        return json_report.build(self.runs, self._comparisons)

    def _write_files(self) -> None:
        if self._settings.report:
            json_report.write(self._settings.report, self._report)
        if self._settings.save_samples:
            write_samples(self._settings.save_samples, self._sample_rows())

    def _sample_rows(self) -> Iterator[dict[str, Any]]:
        for run in self.runs:
            for result in run.results:
                problem = self._plan.problems[result.task_id]
                rows = (sample_row(problem, sample) for sample in result.samples)
                yield from (row for row in rows if row is not None)

    def _read_baselines(self) -> Mapping[str, json_report.Scores]:
        path = self._settings.baseline
        if path is None:
            return {}
        try:
            return json_report.read_baseline(path, list(self._plan.assignments), self._plan.dataset.sha256)
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error

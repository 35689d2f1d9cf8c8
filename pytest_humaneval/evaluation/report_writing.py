"""The reports of a run: opened before it, written at its end, each whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pytest_humaneval.core.errors import ConfigError, HumanEvalError
from pytest_humaneval.core.ports import Report, WritesPartial
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.registry import Registry


@dataclass
class Reports:
    """The reports that a run is to have.

    Attributes:
        opened: the reports by name.
        plugins: the plugins that added them.
        lines: what the terminal shows of those that are written.
        trouble: why others could not be written.
    """

    opened: dict[str, Report] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    _failed: set[str] = field(default_factory=set, init=False, repr=False)

    def write(self, session: SessionSummary) -> None:
        """Write each of them, and note what to show, or what went wrong."""
        for name, report in self.opened.items():
            self._write(name, report, session)

    @property
    def writes_partial(self) -> bool:
        """Whether any of them may be written while the run goes on."""
        return any(isinstance(report, WritesPartial) for report in self.opened.values())

    def write_partial(self, session: SessionSummary, warn: Callable[[str], None]) -> None:
        """Write those that may be written while the run goes on; one that fails is not written so again."""
        for name, report in self.opened.items():
            if isinstance(report, WritesPartial) and name not in self._failed:
                try:
                    report.write_partial(session)
                # Whatever it is, the run goes on.
                except Exception as error:
                    self._failed.add(name)
                    warn(f"report {name!r} was not written during the run ({type(error).__name__}: {error})")

    def _write(self, name: str, report: Report, session: SessionSummary) -> None:
        try:
            self.lines += report.write(session)
        except (OSError, HumanEvalError) as error:
            self.trouble.append(str(error))
        # A mistake in one report, whosever it is, loses no other.
        except Exception as error:
            self.trouble.append(
                f"report {name!r} of plugin {self.plugins[name]!r} failed ({type(error).__name__}: {error})"
            )


def open_reports(plan: Plan, registry: Registry) -> Reports:
    """Open the reports that the settings, or the surroundings, ask for.

    Raises:
        ConfigError: one is named that there is not, or cannot be opened.
    """
    for name in plan.settings.write:
        registry.reports.find(name, "--humaneval-write")
    opened = dict(_opened(plan, registry))
    for name in plan.settings.write.keys() - opened.keys():
        raise ConfigError(f"--humaneval-write: the report {name!r} is written to no file; leave it out")
    return Reports(opened, {name: registry.reports.plugin(name) for name in opened})


def _opened(plan: Plan, registry: Registry) -> Iterator[tuple[str, Report]]:
    for name, open_report in registry.reports.items():
        report = open_report(plan, plan.settings.write.get(name))
        if report is not None:
            yield name, report

"""The header: what is going to be run, on which problems, in which isolation."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.evaluation.completion_source import import_client
from pytest_humaneval.evaluation.sandboxes import sandbox_of
from pytest_humaneval.reports.counted import counted
from pytest_humaneval.session.collection import is_listing
from pytest_humaneval.session.state import IS_ALONE, NAMED, PLAN, SANDBOX, close_sandbox


class Header:
    """Hooks that find out what the machine offers and say so, before anything is run."""

    def __init__(self, config: pytest.Config) -> None:
        self._plan = config.stash[PLAN]
        self._isolation = self._plan.settings.isolation

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the sandbox and look for layers of isolation that this machine lacks.

        The reasons stand in the summary.

        Raises:
            pytest.UsageError: it lacks one, and the settings insist on all; or no sandbox can be opened, and
                the workers of xdist could not report that.
        """
        if is_listing(session.config):
            return
        import_client(self._plan)
        # Each node of a cluster has its own.
        if self._plan.settings.sandbox.startswith("ray"):
            return
        try:
            sandbox = sandbox_of(self._plan)
            session.config.stash[SANDBOX] = sandbox
            # It may happen that no item is run, so that nobody takes it.
            session.config.add_cleanup(lambda: close_sandbox(session.config))
            missing = [layer for layer, reason in sandbox.layers().items() if reason]
        except SandboxError as error:
            if self._plan.settings.isolation == "strict":
                raise pytest.UsageError(f"--humaneval-isolation: {error}") from error
            if session.config.pluginmanager.hasplugin("dsession"):
                raise pytest.UsageError(str(error)) from error
            # The run ends with that very error.
            return
        self._isolation += f" without {', '.join(missing)}" if missing else ""
        if session.config.pluginmanager.hasplugin("dsession"):
            # The workers have their own.
            close_sandbox(session.config)

    def pytest_report_header(self, config: pytest.Config) -> str:
        """Say what is going to be run."""
        names = ", ".join(self._plan.experiments)
        settings = self._plan.settings
        scope = ""
        if config.stash[IS_ALONE]:
            scope = "; the suite alone, without the project's own tests"
        elif not config.stash[NAMED]:
            scope = "; only what the paths on the command line name"
        at_once = f"{settings.jobs} at once" if settings.jobs else "on all cores"
        return f"humaneval: {names}; {self._problems()}, {at_once}, isolation {self._isolation}{scope}"

    def _problems(self) -> str:
        """Return how many problems are selected, by dataset; the fewest and the most where that differs."""
        counts: dict[str, set[int]] = {}
        for name, problems in self._plan.problems.items():
            counts.setdefault(self._plan.datasets[name].name, set()).add(len(problems))
        return ", ".join(_count(name, sorted(found), len(counts) > 1) for name, found in counts.items())


def _count(dataset: str, counts: Sequence[int], is_one_of_several: bool) -> str:
    of = f" of {dataset}" if is_one_of_several or dataset != HUMANEVAL else ""
    least = f"{counts[0]} to " if len(counts) > 1 else ""
    return f"{least}{counted(counts[-1], 'problem')}{of}"

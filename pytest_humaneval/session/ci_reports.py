"""Reports to CI systems that pytest's own output carries: JUnit XML, and GitHub Actions."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from _pytest.junitxml import xml_key

from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.reports import github
from pytest_humaneval.reports.junit import properties


class CiReports:
    """Hooks that add the reports of this session's CI system to the registry."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._github = github.detect(os.environ)

    @pytest.hookimpl(trylast=True)
    def pytest_humaneval_register(self, registry: Registry) -> None:
        """Add them last: after the lines of GitHub's report its runner obeys commands again."""
        registry.report("junit", lambda _plan, _path: JUnitReport(self._config))
        registry.report("github", lambda _plan, _path: self._github)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Have GitHub's runner ignore commands until the end: a completion may look like one."""
        if self._github:
            self._config.get_terminal_writer().line(self._github.stop_commands)


class JUnitReport:
    """Adds the session's figures to pytest's JUnit XML file, which is written after all reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Add them as properties of the test suite, where there is such a file."""
        # Looked up now: pytest's plugin is configured after the reports are opened.
        xml = self._config.stash.get(xml_key, None)
        if xml is not None:
            for name, value in properties(session):
                xml.add_global_property(name, value)
        return ()

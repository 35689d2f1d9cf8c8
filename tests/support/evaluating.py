"""Evaluations as a user starts them: pytest in a process of its own, in an empty folder."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PLAIN: tuple[str, ...] = ()
MODES = [
    pytest.param(PLAIN, id="plain"),
    pytest.param(("-n", "0"), id="n0"),
    pytest.param(("-n", "2"), id="n2"),
]
"""How pytest runs the items; a run must come to the same in each of these modes."""

PLAIN_AND_WORKERS = [MODES[0], MODES[2]]
"""The two modes that differ most, one process and two workers, for tests whose runs take seconds."""


@dataclass(frozen=True)
class Finished:
    """An evaluation that has ended."""

    result: pytest.RunResult
    report_path: Path

    @property
    def status(self) -> int:
        """The exit status."""
        return int(self.result.ret)

    @property
    def text(self) -> str:
        """All that it printed."""
        return f"{self.result.stdout}\n{self.result.stderr}"

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        content: dict[str, Any] = json.loads(self.report_path.read_text())
        return content

    @property
    def run(self) -> dict[str, Any]:
        """The report's only experiment."""
        (run,) = self.report["experiments"].values()
        assert isinstance(run, dict)
        return run

    @property
    def verdicts(self) -> dict[str, list[str]]:
        """The outcomes of each problem's samples in the report's only experiment."""
        return {
            result["task_id"]: [sample["outcome"] for sample in result["samples"]]
            for result in self.run["results"]
        }


Evaluate = Callable[..., Finished]

POPULAR_PLUGINS = (
    "asyncio",
    "html",
    "instafail",
    "pytest_cov",
    "randomly",
    "rerunfailures",
    "sugar",
    "timeout",
)
"""Plugins of others, by the names under which pytest loads them.

One file of tests needs them; in other runs they would take time, or change the order, output or warnings.
"""


def _without_plugins(*but: str) -> list[str]:
    """Return the options that leave out all plugins of others but these."""
    # Hypothesis's takes longer to import than most runs here take.
    return [f"-pno:{name}" for name in ("hypothesispytest", *POPULAR_PLUGINS) if name not in but]


def command_line(*args: str) -> list[str]:
    """Return the command line of a pytest process, for tests that kill, interrupt or limit it."""
    return [sys.executable, "-m", "pytest", *_without_plugins(), *args]


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from the runs that they run under CI, and how a debugger is set up."""
    # Under CI pytest prints whole assertions, and the plugin adds annotations for GitHub Actions;
    # PYTHONBREAKPOINT=0 would let a debugger's test pass its breakpoint.
    for name in ("CI", "BUILD_NUMBER", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "PYTHONBREAKPOINT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def evaluate(pytester: pytest.Pytester) -> Evaluate:
    """Run pytest with the plugin in the test's folder; a report is always written.

    ``plugins`` names the popular ones that the run loads; after ``limit_s`` seconds the test fails.
    """

    def run(*args: str | Path, plugins: Collection[str] = (), limit_s: float = 120) -> Finished:
        report_path = pytester.path / "report.json"
        report_path.unlink(missing_ok=True)
        result = pytester.runpytest_subprocess(
            *_without_plugins(*plugins), f"--humaneval-report={report_path}", *args, timeout=limit_s
        )
        return Finished(result, report_path)

    return run


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end the processes that a test starts."""
    # A shell starts background jobs with SIGINT ignored, and that is inherited through exec (POSIX, 2.11):
    # without a handler here, a test suite in the background could interrupt none of its runs.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def write_samples(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write a samples file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def completion(number: int, text: str) -> dict[str, Any]:
    """Return a line of a samples file: a text that continues the prompt of HumanEval/number."""
    return {"task_id": f"HumanEval/{number}", "completion": text}

"""The progress line on a terminal, as its reader sees it, and in a log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.session.progress_line import progress_message
from tests.support.evaluating import Evaluate
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

COLUMNS, ROWS = 110, 40
EXPERIMENT = """
[servers.slow]
base_url = "http://localhost:1/v1"
model = "slow"
concurrency = {concurrency}

[experiments.slow]
server = "slow"
strategy = "fewshot_v1"
"""


def test_a_message_says_how_far_all_stages_are() -> None:
    """Completions, verdicts, and the time since the first experiment began."""
    progress = Progress(draws=12, done=12, judged=3, started_s={"one": time.monotonic() - 100})

    assert progress_message(progress).startswith("humaneval: 12/12 completions, 3 judged, 0.0 candidates/s")


Arguments = Callable[[float, int], tuple[str, ...]]
"""From a server's latency in seconds and how much it is asked at once to the arguments of a run."""


@pytest.fixture
def slow(stub_server: Callable[[Behaviour], StubServer], pytester: pytest.Pytester) -> Arguments:
    """What runs four problems on a server that takes its time."""

    def arguments(latency_s: float, concurrency: int) -> tuple[str, ...]:
        server = stub_server(Behaviour(answer=canonical_answers(read_problems()), latency_s=latency_s))
        (pytester.path / "experiments.toml").write_text(EXPERIMENT.format(concurrency=concurrency))
        return (
            "--humaneval-experiment=slow",
            f"--humaneval-base-url={server.base_url}",
            "--humaneval-max-problems=4",
            "--humaneval-cache=off",
        )

    return arguments


def screens(folder: Path, *arguments: str) -> list[list[str]]:
    """Run pytest on a terminal; return its rows whenever something was written, the last time included."""
    pyte = pytest.importorskip("pyte", reason="needs pyte, of the extra dev")
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", "--no-header", *arguments]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        seen = []
        while written := read(ours):
            stream.feed(written)
            seen.append([row.rstrip() for row in screen.display])
    os.close(ours)
    return seen


def read(terminal: int) -> bytes:
    """Return what was written to a terminal; nothing when all that could write has ended."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # as Linux tells it
        return b""


def is_progress(row: str) -> bool:
    """Whether a row is a progress line."""
    return row.startswith("humaneval: ") and "/4 completions, " in row


def test_it_moves_below_what_pytest_writes_and_leaves_no_trace(
    pytester: pytest.Pytester, slow: Arguments
) -> None:
    """It is there before the first completion is, below the dots; in the end there are only dots."""
    seen = screens(pytester.path, *slow(2.5, 4))

    shown = [rows for rows in seen if any(map(is_progress, rows))]
    assert "humaneval: 0/4 completions, 0 judged" in shown[0]
    assert shown[0].index("humaneval: 0/4 completions, 0 judged") == shown[0].index("humaneval") + 1
    assert not any(map(is_progress, seen[-1]))
    assert any(row.startswith("humaneval ....") and row.endswith("[100%]") for row in seen[-1])


def test_a_verbose_run_s_lines_stay_whole(pytester: pytest.Pytester, slow: Arguments) -> None:
    """A test's name is written once, with its outcome behind it."""
    rows = screens(pytester.path, "-v", *slow(2.5, 4))[-1]

    assert sum("PASSED" in row and "slow-HumanEval/" in row for row in rows) == 4
    assert sum("slow-HumanEval/" in row for row in rows) == 4


def test_with_workers_it_is_the_same(pytester: pytest.Pytester, slow: Arguments) -> None:
    """The controller shows it, and the dots of the workers stay in their row."""
    seen = screens(pytester.path, "-n", "2", *slow(3.0, 2))

    assert any(is_progress(row) for rows in seen for row in rows)
    assert not any(map(is_progress, seen[-1]))
    assert any(row.startswith("....") and row.endswith("[100%]") for row in seen[-1])


def test_a_log_gets_lines_of_its_own(evaluate: Evaluate, slow: Arguments) -> None:
    """Without a terminal nothing is written over, and no line has anything else in it."""
    done = evaluate(*slow(2.5, 4))

    assert [line for line in done.text.splitlines() if is_progress(line)] != []
    assert any(line.startswith("....") for line in done.text.splitlines())
    assert "\x1b" not in done.text
    assert "\r" not in done.text


def test_a_quiet_run_is_quiet(evaluate: Evaluate, slow: Arguments) -> None:
    """With ``-q`` there is no progress line."""
    assert "completions, " not in evaluate("-q", *slow(2.5, 4)).text

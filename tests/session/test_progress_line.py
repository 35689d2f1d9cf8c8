"""The progress line on a terminal of 80 columns and 24 rows, as its reader sees it, and in a log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, command_line
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

COLUMNS, ROWS = 80, 24
PROBLEMS = 10
EXPERIMENT = """
[servers.slow]
base_url = "http://localhost:1/v1"
model = "slow"
concurrency = {concurrency}

[experiments.slow]
server = "slow"
strategy = "fewshot_v1"
"""

Arguments = Callable[..., tuple[str, ...]]
"""From a server's latency in seconds, how much it is asked at once and its faults to a run's arguments."""


@pytest.fixture
def slow(stub_server: Callable[[Behaviour], StubServer], pytester: pytest.Pytester) -> Arguments:
    """What runs ten problems on a server that takes its time."""

    def arguments(latency_s: float, concurrency: int, *faults: str) -> tuple[str, ...]:
        answer = canonical_answers(read_problems())
        server = stub_server(Behaviour(answer, latency_s, faults=list(faults), retry_after="1"))
        (pytester.path / "experiments.toml").write_text(EXPERIMENT.format(concurrency=concurrency))
        return (
            "--humaneval-experiment=slow",
            f"--humaneval-base-url={server.base_url}",
            f"--humaneval-max-problems={PROBLEMS}",
            "--humaneval-cache=off",
        )

    return arguments


@dataclass
class Seen:
    """What a terminal showed.

    Attributes:
        screens: its rows whenever something was written, the last time included.
        transcript: all rows in the end, also those that were scrolled off.
    """

    screens: list[list[str]] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)

    @property
    def progress(self) -> list[str]:
        """Every row that was a progress line."""
        return [row for rows in self.screens for row in rows if is_progress(row)]


def watch(folder: Path, *arguments: str, columns: int = COLUMNS, rows: int = ROWS) -> Seen:
    """Run pytest on a terminal."""
    pyte = pytest.importorskip("pyte", reason="needs pyte, of the extra dev")
    screen = pyte.HistoryScreen(columns, rows, history=10_000)
    stream = pyte.ByteStream(screen)
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "LINES": str(rows)}
    command, seen = command_line("--no-header", *arguments), Seen()
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        while written := read(ours):
            stream.feed(written)
            seen.screens.append([row.rstrip() for row in screen.display])
    os.close(ours)
    above = ["".join(row[column].data for column in range(columns)) for row in screen.history.top]
    seen.transcript = [row.rstrip() for row in (*above, *screen.display)]
    return seen


def read(terminal: int) -> bytes:
    """Return what was written to a terminal; nothing when all that could write has ended."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # as Linux tells it
        return b""


def is_progress(row: str) -> bool:
    """Whether a row is a progress line."""
    return row.removeprefix("humaneval: ").partition(f"/{PROBLEMS}")[0].isdecimal()


def dots(row: str) -> int:
    """Return how many dots a row of outcomes has; 0 for another row."""
    found = re.fullmatch(r"(?:humaneval )?(\.+)(?: +\[ *\d+%\])?", row)
    return len(found[1]) if found else 0


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_it_stays_below_the_dots_while_they_come(
    pytester: pytest.Pytester, slow: Arguments, mode: tuple[str, ...]
) -> None:
    """A dot takes it nowhere; in the end there are only dots, and the figures."""
    seen = watch(pytester.path, *mode, *slow(0.3, 1))

    below = {dots(row) for rows in seen.screens for row, next_row in pairwise(rows) if is_progress(next_row)}
    assert below >= set(range(3, PROBLEMS - 1))
    assert not any(map(is_progress, seen.transcript))
    assert any("." * PROBLEMS in row and row.endswith("[100%]") for row in seen.transcript)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_it_says_what_is_in_flight_and_what_waits_to_retry(
    pytester: pytest.Pytester, slow: Arguments, mode: tuple[str, ...]
) -> None:
    """A server that turns requests away is seen while it does, with the status, in 80 columns."""
    seen = watch(pytester.path, *mode, *slow(0.6, 3, None, None, "429", "429"))

    assert any("waiting to retry: HTTP 429" in row for row in seen.progress)
    assert any("in flight" in row for row in seen.progress)
    assert any("100 % passed" in row for row in seen.progress)
    assert all(len(row) < COLUMNS for row in seen.progress)
    assert not any("retry" in row for row in seen.transcript)


@pytest.mark.parametrize("columns", [80, 59])
def test_a_verbose_run_s_lines_stay_whole(pytester: pytest.Pytester, slow: Arguments, columns: int) -> None:
    """Each name is written once, its outcome behind it, also where it wraps and where the screen scrolls."""
    seen = watch(pytester.path, "-v", *slow(0.15, 1), columns=columns, rows=8)
    written = "".join(row.ljust(columns) for row in seen.transcript)

    assert seen.progress != []
    assert written.count("slow-HumanEval/") == written.count("PASSED") == PROBLEMS
    assert "completions" not in written


def test_what_is_logged_live_stays_whole(pytester: pytest.Pytester, slow: Arguments) -> None:
    """Live logging of a project's own test goes to the same terminal."""
    pytester.makepyfile(
        "import logging\n"
        "def test_own(humaneval_results):\n"
        "    for number in range(20): logging.warning('logged %s', number)\n"
    )
    seen = watch(pytester.path, "--log-cli-level=INFO", "humaneval", ".", *slow(0.2, 1), rows=12)

    assert seen.progress != []
    assert not any(map(is_progress, seen.transcript))
    assert sum("logged " in row and row.startswith("WARNING") for row in seen.transcript) == 20


def test_where_tests_write_to_the_terminal_it_is_lines_of_its_own(
    pytester: pytest.Pytester, slow: Arguments
) -> None:
    """With ``-s`` nothing is written over: a row below would be in the way of what tests print."""
    seen = watch(pytester.path, "-s", *slow(2.5, PROBLEMS))

    assert any(map(is_progress, seen.transcript))


def test_a_log_gets_lines_of_its_own(evaluate: Evaluate, slow: Arguments) -> None:
    """Without a terminal nothing is written over, and no line has anything else in it."""
    done = evaluate(*slow(0.35, 1))

    assert [line for line in done.text.splitlines() if is_progress(line)] != []
    assert sum(map(dots, done.text.splitlines())) == PROBLEMS
    assert "\x1b" not in done.text
    assert "\r" not in done.text


def test_a_log_of_workers_gets_lines_while_nothing_comes(evaluate: Evaluate, slow: Arguments) -> None:
    """The controller says how far the run is, though no worker has reported anything."""
    done = evaluate("-n", "2", *slow(0, PROBLEMS, *["429"] * PROBLEMS * 4))

    assert any(map(is_progress, done.text.partition("..")[0].splitlines()))


def test_a_quiet_run_is_quiet(evaluate: Evaluate, slow: Arguments) -> None:
    """With ``-q`` there is no progress line."""
    assert not any(map(is_progress, evaluate("-q", *slow(2.5, PROBLEMS)).text.splitlines()))

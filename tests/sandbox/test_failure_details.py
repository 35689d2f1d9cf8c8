"""The details of a failure, for a person: the failing line, and the end of what was printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.sandbox import open_sandbox

TEST = "def check(candidate):\n    assert candidate(1) == 2\n"


@pytest.fixture(scope="module")
def sandbox(sandbox_name: str) -> Iterator[OpenedSandbox]:
    """Every sandbox in turn."""
    with open_sandbox(Limits(timeout_s=2.0), name=sandbox_name) as opened:
        yield opened


def verdict(sandbox: OpenedSandbox, solution: str, test: str = TEST) -> Verdict:
    """The verdict on a solution that should add one."""
    return sandbox.run(Candidate(solution, "increment", "", test))


@pytest.mark.parametrize(
    ("solution", "line"),
    [
        pytest.param("def increment(n):\n    m = n\n    return m / 0\n", 3, id="raised"),
        pytest.param(
            "def half(n):\n    return n / 0\n\ndef increment(n):\n    return half(n)\n", 2, id="deep"
        ),
        pytest.param("import math\nmath.sqrt(-1)\n", 2, id="at-import"),
        pytest.param("def increment(n):\n    return n +\n", 2, id="not-python"),
        pytest.param("def increment(n):\n    return n\n", None, id="wrong"),
        pytest.param("def other(n):\n    return n\n", None, id="no-entry-point"),
    ],
)
def test_the_failing_line_is_where_the_solution_raised(
    sandbox: OpenedSandbox, solution: str, line: int | None
) -> None:
    """Counted from 1 in the solution's own source; a wrong answer has no failing line."""
    assert verdict(sandbox, solution).failing_line == line


def test_a_line_that_the_test_wanted_to_raise_is_not_the_failing_one(sandbox: OpenedSandbox) -> None:
    """An exception that the test expects is no failure."""
    test = (
        "def check(candidate):\n    try:\n        candidate(0)\n    except ValueError:\n        pass\n"
        "    assert candidate(1) == 2\n"
    )

    found = verdict(sandbox, "def increment(n):\n    if n < 1: raise ValueError\n    return n\n", test)

    assert (found.outcome, found.failing_line) == (Outcome.WRONG_ANSWER, None)


def test_what_a_failing_candidate_printed_is_kept(sandbox: OpenedSandbox) -> None:
    """Standard output and standard error, at import and in calls."""
    found = verdict(
        sandbox,
        "import sys\nprint('loading')\ndef increment(n):\n    print(n, file=sys.stderr)\n    return n\n",
    )

    assert sorted(found.output.split()) == ["1", "loading"]


def test_of_a_flood_the_end_is_kept(sandbox: OpenedSandbox) -> None:
    """However much is printed, the last 2,000 characters are kept."""
    found = verdict(
        sandbox, "def increment(n):\n    print('x' * 1_000_000)\n    print('end')\n    return n\n"
    )

    assert found.output.endswith("x\nend\n")
    assert len(found.output) <= 2_000


def test_a_program_finds_ordinary_streams(sandbox: OpenedSandbox) -> None:
    """Descriptors, buffers and flushing are those of a process without a terminal."""
    solution = (
        "import sys\n"
        "def increment(n):\n"
        "    sys.stdout.buffer.write(b'x')\n"
        "    sys.stdout.flush()\n"
        "    streams = sys.stdout.fileno(), sys.stderr.fileno(), sys.stdout.isatty(), sys.stdout.writable()\n"
        "    return 2 if streams == (1, 2, False, True) else streams\n"
    )

    assert verdict(sandbox, solution).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "trick",
    [
        pytest.param("sys.stdout = None", id="no-stream"),
        pytest.param("sys.stdout.close()", id="closed-stream"),
        pytest.param("sys.stdout.detach()", id="detached-stream"),
        pytest.param("sys.modules.clear()", id="no-modules"),
    ],
)
def test_no_trick_with_the_streams_changes_the_verdict(sandbox: OpenedSandbox, trick: str) -> None:
    """The details of a failure are apart from the verdict."""
    found = verdict(sandbox, f"import sys\ndef increment(n):\n    {trick}\n    return n\n")

    assert found.outcome is Outcome.WRONG_ANSWER


@pytest.mark.parametrize(
    ("forged", "line", "output"),
    [
        pytest.param("['failure', 10**9, 'x']", None, "x", id="no-such-line"),
        pytest.param("['failure', 'first', 'x']", None, "x", id="no-number"),
        pytest.param("['failure', 1, 'x' * 10**6]", 1, "x" * 2_000, id="long-text"),
        pytest.param("['lies']", None, "", id="other-message"),
        pytest.param("7", None, "", id="no-list"),
    ],
)
def test_a_forged_answer_is_no_more_than_a_line_that_exists_and_a_short_text(
    sandbox: OpenedSandbox, forged: str, line: int | None, output: str
) -> None:
    """The candidate's process can send anything; a report still gets a line of the source, or none."""
    solution = (
        "import json, os, sys\n"
        "def reply(message):\n"
        "    frame = sys._getframe()\n"
        "    while 'writer' not in frame.f_locals:\n"
        "        frame = frame.f_back\n"
        "    text = json.dumps(message).encode()\n"
        "    os.write(frame.f_locals['writer'], len(text).to_bytes(4, 'big') + text)\n"
        "def increment(n):\n"
        "    reply(['returned', n, None])\n"
        f"    reply({forged})\n"
        "    while True: __import__('time').sleep(9)\n"
    )

    found = verdict(sandbox, solution)

    assert found.outcome is Outcome.WRONG_ANSWER
    assert (found.failing_line, found.output) == (line, output)

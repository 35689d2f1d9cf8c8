"""A candidate in this very process, for a debugger: no sandbox, no limits, and a program that is a file.

Whatever the model wrote is done here with the rights of whoever asked for it. So it only ever happens on
demand (``--humaneval-debug``), for what the sandbox has judged already.
"""

from __future__ import annotations

import marshal
import re
from pathlib import Path

from pytest_humaneval.core.problem import Cases, Problem
from pytest_humaneval.core.results import Sample

_PROGRAM = """{solution}

# From here on: the test of {task_id}.
{test}

# s: step into the test; b {entry_point}, then c: stop in the candidate; q: leave.
breakpoint()
check({entry_point})
"""

# Of thousands of inputs, the one that failed. repr writes inf and nan as names.
_CHECK = """inf, nan = float("inf"), float("nan")
reference = {{}}
exec({reference!r}, reference)


def check(candidate):
    returned = candidate(*{arguments!r})
    expected = reference[{entry_point!r}](*{arguments!r})
    print("returned", returned)
    print("expected", expected)
    assert returned == expected"""

_PLACE = re.compile(r"\b(base|plus) input (\d+) of \d")
"""The failing input in a verdict's message."""


def write_program(problem: Problem, sample: Sample, folder: Path) -> Path:
    """Write a sample's solution with its test as a program that stops in the debugger before the test.

    Where the test is inputs, it is the failing one. The solution's lines keep their numbers, so that they are
    those of the failure card.

    Returns:
        The program's file.
    """
    path = folder / f"{problem.task_id.replace('/', '_')}.py"
    test = problem.test if problem.cases is None else _check(problem, problem.cases, sample.message or "")
    text = _PROGRAM.format(
        solution=sample.solution,
        task_id=problem.task_id,
        test=test.strip("\n"),
        entry_point=problem.entry_point,
    )
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def _check(problem: Problem, cases: Cases, message: str) -> str:
    """Return the source of a check of the failing input; of the first one where the message names none."""
    found = _PLACE.search(message)
    kind, number = (found[1], int(found[2])) if found else ("base", 1)
    # The dataset's own data, made in this process by marshal.
    inputs = marshal.loads(cases.plus if kind == "plus" else cases.base)  # noqa: S302
    arguments = inputs[number - 1]
    return _CHECK.format(reference=cases.reference, entry_point=problem.entry_point, arguments=arguments)


def run_program(path: Path) -> None:
    """Run a program that ``write_program`` wrote; what it raises comes through, with its own lines."""
    # Imported late: few ever debug.
    import runpy

    runpy.run_path(str(path), run_name="candidate")

"""A candidate in this very process, for a debugger: no sandbox, no limits, and a program that is a file.

Whatever the model wrote is done here with the rights of whoever asked for it. So it only ever happens on
demand (``--humaneval-debug``), for what the sandbox has judged already.
"""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.problem import Problem

_PROGRAM = """{solution}

# From here on: the test of {task_id}.
{test}

# s: step into the test; b {entry_point}, then c: stop in the candidate; q: leave.
breakpoint()
check({entry_point})
"""


def write_program(problem: Problem, solution: str, folder: Path) -> Path:
    """Write a solution with its test as a program that stops in the debugger before the test; return it.

    The solution's lines keep their numbers, so that they are those of the failure card.
    """
    path = folder / f"{problem.task_id.replace('/', '_')}.py"
    text = _PROGRAM.format(
        solution=solution,
        task_id=problem.task_id,
        test=problem.test.strip("\n"),
        entry_point=problem.entry_point,
    )
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def run_program(path: Path) -> None:
    """Run a program that ``write_program`` wrote; what it raises comes through, with its own lines."""
    # Imported late: few ever debug.
    import runpy

    runpy.run_path(str(path), run_name="candidate")

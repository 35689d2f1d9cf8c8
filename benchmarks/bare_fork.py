"""The least that a process for each program costs: fork, compile, execute, exit, wait, and no protection.

    python -I -S -B benchmarks/bare_fork.py < PROGRAMS.json

Reads a JSON array of programs, forks a child for each, one after the other, and prints the wall and the CPU
seconds of the whole. Kept to itself, for each page and each module of the forking process makes its forks
dearer.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time

# As the fork server of the sandbox does it. What is not imported yet, each child would import anew; and after
# some programs have run here, children find memory that is laid out for them: 3.4 ms of CPU time for each of
# the canonical solutions became 2.3 ms so.
WARM_UP = 8
PRELOADED = ("collections", "copy", "functools", "itertools", "math", "operator", "re", "string", "typing")


def judge(program: str) -> None:
    """Run one program in a child of its own."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            exec(compile(program, "<program>", "exec"), {})  # noqa: S102 -- the dataset's own text
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, program  # noqa: S101 -- or it measures nothing


def main() -> None:
    """Run all programs and print the seconds that they took."""
    programs = json.load(sys.stdin)
    for name in PRELOADED:
        importlib.import_module(name)
    for program in programs[:WARM_UP] * 2:
        exec(compile(program, "<program>", "exec"), {})  # noqa: S102 -- as above
    gc.freeze()
    began, used = time.perf_counter(), os.times()
    for program in programs:
        judge(program)
    wall_s = time.perf_counter() - began
    # User and system time, of this process and of its children.
    print(wall_s, sum(os.times()[:4]) - sum(used[:4]))


if __name__ == "__main__":
    main()

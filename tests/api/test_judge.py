"""``judge``, ``judge_async`` and ``judge_many``: verdicts, order, and processes that stay."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import ConfigError
from tests.support.easy_problems import easy_dataset
from tests.support.processes import is_running, judges, processes_below, wait_until
from tests.support.python_api import start_script

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")

RIGHT = "def below_zero(moves):\n    return any(sum(moves[:i + 1]) < 0 for i in range(len(moves)))\n"
WRONG = "def below_zero(operations):\n    return False\n"
LATE = "def below_zero(operations):\n    while True:\n        pass\n"
NUMBER = 3
PROGRAMS: dict[str, str | None] = {
    "passed": RIGHT,
    "wrong_answer": WRONG,
    "exception": "def below_zero(operations):\n    return 1 / 0\n",
    "syntax_error": "def below_zero(",
    "no_code": None,
}


def workers() -> set[int]:
    """Return the sandbox processes of this process."""
    return {pid for pid in processes_below(os.getpid()) if judges(pid)}


@pytest.mark.parametrize("outcome", PROGRAMS)
def test_a_program_gets_its_verdict(outcome: str) -> None:
    """The outcome, and in words why."""
    verdict = ph.judge(PROGRAMS[outcome], "HumanEval/3")

    assert verdict.outcome == outcome
    assert (verdict.message is None) == (outcome == "passed")


def test_the_time_limit_is_the_caller_s() -> None:
    """An endless loop is over after it."""
    verdict = ph.judge(LATE, NUMBER, timeout_s=0.2)

    assert verdict.outcome is ph.Outcome.TIMEOUT
    assert verdict.seconds < 1


@pytest.mark.parametrize("task_id", ["HumanEval/3", 3, "3", "below_zero"])
def test_a_problem_has_several_names(task_id: str | int) -> None:
    """As with --humaneval-tasks: its task id, its number, its entry point."""
    assert ph.judge(RIGHT, task_id).outcome is ph.Outcome.PASSED


def test_many_verdicts_come_in_order() -> None:
    """Each at the place of its program, whatever takes longest; from any iterable."""
    outcomes = [*PROGRAMS] * 2

    verdicts = ph.judge_many((NUMBER, PROGRAMS[outcome]) for outcome in outcomes)

    assert [verdict.outcome for verdict in verdicts] == outcomes
    assert ph.judge_many([]) == []


UNTYPED: Any = ph
"""The package as a script without type checker has it."""


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: UNTYPED.judge(3, 0), "judge, code: found 3, expected the text of a whole program"),
        (
            lambda: UNTYPED.judge("", 0, timeout_s=0),
            "judge, timeout_s: found 0, expected a number of seconds .*",
        ),
        (
            lambda: UNTYPED.judge("", "below_zer"),
            "task_id: humaneval has no problem 'below_zer'; did you mean 'below_zero'?",
        ),
        (lambda: UNTYPED.judge("", 900), "task_id: humaneval has no problem 900; write for example .*"),
        (lambda: UNTYPED.judge("", True), "problem, task_id: found True, expected a task id, .*"),
        (lambda: UNTYPED.judge("", 0, dataset="mbbp"), r"dataset \(for a file write \./mbbp\): .* 'mbpp'?"),
        (lambda: UNTYPED.judge("", 0, dataset="./mbpp"), r".*mbpp: the dataset cannot be read .*"),
        (lambda: UNTYPED.judge("", 0, dataset=7), "problem, dataset: found 7, expected 'humaneval', .*"),
        (
            lambda: UNTYPED.judge_many([(0, ""), ("HumanEval/0",)]),
            "judge_many, sample 1: found .*, expected .task_id, code.",
        ),
        (lambda: UNTYPED.judge_many([(0, 3)]), "judge_many, sample 0, code: found 3, expected .*"),
        (
            lambda: UNTYPED.judge_many([("x/0", "")]),
            "judge_many, sample 0: task_id: humaneval has no problem 'x/0'; .*",
        ),
        (
            lambda: UNTYPED.judge_many([], jobs=0),
            "judge_many, jobs: found 0, expected a whole number of at least 1",
        ),
    ],
)
def test_a_wrong_argument_is_one_line(call: Callable[[], Any], message: str) -> None:
    """It says where, what was found and what is expected."""
    with pytest.raises(ConfigError) as error:
        call()

    assert re.fullmatch(message.replace("?", r"\?"), str(error.value))


def test_an_entry_point_of_two_problems_is_refused(folder: Path) -> None:
    """Which one is meant is not guessed."""
    rows = easy_dataset(2).replace("easy_1", "easy_0")
    (folder / "twice.jsonl").write_text(rows)

    with pytest.raises(ConfigError, match="'easy_0' is several problems; write one of Easy/0, Easy/1"):
        ph.judge("", "easy_0", dataset="twice.jsonl")


def test_a_dataset_file_that_has_changed_is_read_again(folder: Path) -> None:
    """Not so often as it is used, but whenever it is another."""
    assert ph.judge("def easy_0(): pass", "Easy/0", dataset="easy.jsonl").outcome is ph.Outcome.PASSED

    changed = (folder / "easy.jsonl").read_text().replace("is None", "is 1")
    (folder / "easy.jsonl").write_text(changed)
    os.utime(folder / "easy.jsonl", ns=(1, 1))

    assert ph.judge("def easy_0(): pass", "Easy/0", dataset="easy.jsonl").outcome is ph.Outcome.WRONG_ANSWER


@linux_only
def test_the_sandbox_stays_warm() -> None:
    """The next call, of whichever function, finds the process of the one before."""
    ph.judge(RIGHT, NUMBER)
    first = workers()

    ph.judge(WRONG, NUMBER)
    ph.judge_many([(NUMBER, RIGHT)])
    asyncio.run(ph.judge_async(RIGHT, NUMBER))

    assert first
    assert first <= workers()


@linux_only
def test_no_more_than_a_few_stay_open() -> None:
    """A study of many time limits does not gather processes."""
    for timeout_s in range(11, 17):
        ph.judge(RIGHT, NUMBER, timeout_s=timeout_s)
    some = len(workers())

    for timeout_s in range(21, 27):
        ph.judge(RIGHT, NUMBER, timeout_s=timeout_s)

    assert len(workers()) <= some


def test_threads_may_judge_at_once() -> None:
    """Each gets the verdict on its own program."""
    names = [*PROGRAMS] * 4
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda name: ph.judge(PROGRAMS[name], NUMBER), names))

    assert [verdict.outcome for verdict in verdicts] == names


def test_tasks_may_judge_at_once() -> None:
    """More of them than any pool of threads has, and the loop is free meanwhile."""
    names = [*PROGRAMS] * 20

    async def all_of_them() -> list[ph.Verdict]:
        return await asyncio.gather(*(ph.judge_async(PROGRAMS[name], NUMBER) for name in names))

    assert [verdict.outcome for verdict in asyncio.run(all_of_them())] == names


@linux_only
def test_a_cancelled_task_ends_its_program() -> None:
    """Though much of its time is left, no process of it is when the task has ended."""
    before = workers()

    async def cancelled() -> None:
        task = asyncio.ensure_future(ph.judge_async(LATE, NUMBER, timeout_s=300))
        while not workers() - before:
            await asyncio.wait([task], timeout=0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert workers() <= before


FORKED = f"""
import os, sys, warnings
import pytest_humaneval as ph

# From Python 3.12 on, every fork of a process with threads is warned of.
warnings.simplefilter("ignore", DeprecationWarning)

def pipes():
    found = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink("/proc/self/fd/" + descriptor))
        except OSError:
            pass  # the listing's own
    return found

def outcomes():
    return [verdict.outcome.value for verdict in ph.judge_many([(3, {RIGHT!r})] * 4)]

before = pipes()
outcomes()
of_the_sandbox = pipes() - before
child = os.fork()
judged = outcomes()
if not child:
    print(judged, len(of_the_sandbox & pipes()), flush=True)
    sys.exit()
print(os.waitpid(child, 0)[1], judged, of_the_sandbox <= pipes())
"""


@linux_only
def test_a_forked_process_opens_its_own(tmp_path: Path) -> None:
    """It judges, holds no pipe of its parent's sandbox, and the parent's goes on."""
    with start_script(FORKED, tmp_path) as process:
        output, errors = process.communicate(timeout=60)

    passed = ["passed"] * 4
    assert output == f"{passed} 0\n0 {passed} True\n"
    assert errors == ""


@linux_only
@pytest.mark.parametrize(
    "call",
    [f"ph.judge({RIGHT!r}, 3)", f"ph.judge_many([(3, {RIGHT!r})] * 4, jobs=2)"],
    ids=["judge", "judge_many"],
)
def test_nothing_is_left_when_the_process_ends(tmp_path: Path, call: str) -> None:
    """It ends by itself, with a clean standard error, and its sandbox with it."""
    script = f"import pytest_humaneval as ph\n{call}\nprint('judged', flush=True)\ninput()"
    with start_script(script, tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "judged\n"
        family = processes_below(process.pid)
        _, errors = process.communicate("\n", timeout=60)

    assert family
    assert (process.returncode, errors) == (0, "")
    assert not any(map(is_running, family))


@linux_only
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_does_not_wait_for_what_runs(tmp_path: Path) -> None:
    """Programs with much time left end at once, and with them their processes."""
    script = f"import pytest_humaneval as ph\nph.judge_many([(3, {LATE!r})] * 4, timeout_s=300)"
    with start_script(script, tmp_path) as process:
        try:
            wait_until(lambda: sum(map(judges, processes_below(process.pid))) >= 2)
            family = processes_below(process.pid)
            os.killpg(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()

    assert errors.rstrip().endswith("KeyboardInterrupt")
    wait_until(lambda: not any(map(is_running, family)))

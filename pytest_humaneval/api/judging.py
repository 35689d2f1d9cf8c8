"""Verdicts on programs, without a model: one, one in an event loop, or many side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from pytest_humaneval.api.arguments import check_arguments
from pytest_humaneval.api.datasets import DATASET
from pytest_humaneval.api.problems import find_problem
from pytest_humaneval.api.warm_sandboxes import WARM
from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict

_TIMEOUT_S = Limits.timeout_s
_NO_CODE = Verdict(Outcome.NO_CODE, "there is no code")


def judge(
    code: str | None, task_id: str | int, dataset: str | Path = DATASET, timeout_s: float = _TIMEOUT_S
) -> Verdict:
    """Return the verdict on a program: it runs in an isolated process against the problem's tests.

    Thread-safe. The sandbox stays open between calls, and ends with the process.

    Args:
        code: a whole program that defines the problem's function; None (as ``extract`` returns where a text
            holds no code) has the outcome ``no_code``.
        task_id: the problem: its task id, the number at the end of that, or its entry point.
        dataset: a name such as ``"humaneval+"``, or the path of a file; see :func:`read_problems`.
        timeout_s: limit of CPU time, in seconds. With the default, a program that is judged by inputs, as in
            HumanEval+ and MBPP+, has the time that follows from the reference's own.

    Raises:
        HumanEvalError: there is no such problem, or no verdict can be had at all.
    """
    check_arguments("judge", {"code": code, "timeout_s": timeout_s})
    candidate = _candidate(code, task_id, dataset)
    if candidate is None:
        return _NO_CODE
    with WARM.using(timeout_s) as warm:
        return warm.sandbox.run(candidate)


async def judge_async(
    code: str | None, task_id: str | int, dataset: str | Path = DATASET, timeout_s: float = _TIMEOUT_S
) -> Verdict:
    """Return the verdict on a program without blocking the event loop; the arguments are those of ``judge``.

    A program whose task is cancelled ends, unless other calls use the same sandbox: then at its time limit.

    Raises:
        HumanEvalError: there is no such problem, or no verdict can be had at all.
    """
    check_arguments("judge_async", {"code": code, "timeout_s": timeout_s})
    candidate = _candidate(code, task_id, dataset)
    if candidate is None:
        return _NO_CODE
    with WARM.using(timeout_s) as warm:
        return await asyncio.get_running_loop().run_in_executor(warm.threads, warm.sandbox.run, candidate)


def judge_many(
    samples: Iterable[tuple[str | int, str | None]],
    dataset: str | Path = DATASET,
    timeout_s: float = _TIMEOUT_S,
    jobs: int | None = None,
) -> list[Verdict]:
    """Return the verdicts on many programs, in their order, executed side by side.

    Args:
        samples: pairs of a task id and a program, as :func:`judge` takes them.
        dataset: as for :func:`judge`.
        timeout_s: limit of CPU time for each, in seconds.
        jobs: how many run at once; None: on all cores.

    Raises:
        HumanEvalError: a sample is no such pair or there is no such problem, and nothing has run; or no
            verdict can be had at all.
    """
    check_arguments("judge_many", {"timeout_s": timeout_s, "jobs": jobs})
    candidates = [_candidate_of(index, sample, dataset) for index, sample in enumerate(samples)]
    with WARM.using(timeout_s, jobs) as warm:
        found = iter(list(warm.threads.map(warm.sandbox.run, filter(None, candidates))))
    return [_NO_CODE if candidate is None else next(found) for candidate in candidates]


def _candidate(code: str | None, task_id: str | int, dataset: str | Path) -> Candidate | None:
    problem = find_problem(task_id, dataset)
    return None if code is None else assemble(problem, code)


def _candidate_of(index: int, sample: object, dataset: str | Path) -> Candidate | None:
    if not isinstance(sample, (tuple, list)) or len(sample) != 2:
        raise ConfigError(f"judge_many, sample {index}: found {sample!r:.80}, expected (task_id, code)")
    task_id, code = sample
    check_arguments(f"judge_many, sample {index}", {"code": code})
    try:
        return _candidate(code, task_id, dataset)
    except ConfigError as error:
        raise ConfigError(f"judge_many, sample {index}: {error}") from error

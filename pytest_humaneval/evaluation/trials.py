"""Trials: answers run on the examples of their prompts while generation goes on, to find what to ask next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.core.selection.probe import probe_of
from pytest_humaneval.core.self_debugging import first_failure
from pytest_humaneval.evaluation.plan import Key, Plan, Selection
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.evaluation.rounds import Rounds
from pytest_humaneval.evaluation.sandboxes import execution_threads, sandbox_of
from pytest_humaneval.sandbox import starting_threads


@dataclass(frozen=True)
class Trials:
    """Where answers are tried.

    Attributes:
        sandbox: returns the sandbox for the answers to an experiment's problem.
        call: has a function called by a thread that may wait for that sandbox.
    """

    sandbox: Callable[[Key], Sandbox]
    call: Callable[[Callable[[], Draw | None]], Future[Draw | None]]


def rounds_of(plan: Plan, selection: Selection, trials: Trials | None, stack: ExitStack) -> dict[str, Rounds]:
    """Return the repair rounds of the selected experiments that have some.

    Args:
        plan: all that the run needs to know.
        selection: what is evaluated.
        trials: where answers are tried; None for a sandbox of their own, which is opened where it is needed.
        stack: closes that sandbox.

    Raises:
        SandboxError: there is no sandbox to be had.
    """
    debugged = [name for name in selection if plan.experiments[name].repair and plan.recorded is None]
    if not debugged:
        return {}
    used = trials or _opened(plan, stack)
    return {name: _rounds(plan, name, used) for name in debugged}


def _opened(plan: Plan, stack: ExitStack) -> Trials:
    with starting_threads():
        sandbox = sandbox_of(plan)
        threads = execution_threads(sandbox)
        # Closed in reverse: the running ones end, then the threads.
        stack.callback(threads.shutdown, cancel_futures=True)
        stack.enter_context(closing(sandbox))
    return Trials(lambda _: sandbox, threads.submit)


def _rounds(plan: Plan, name: str, trials: Trials) -> Rounds:
    resolved, settings = plan.experiments[name], plan.experiments[name].experiment.repair
    # No more of a problem than its stub: what is asked next can depend on no hidden test.
    stubs = {task_id: problem.stub for task_id, problem in plan.problems[name].items()}

    async def follow_up(draw: Draw, answer: Completion) -> Draw | None:
        sandbox, stub = trials.sandbox((name, draw.task_id)), stubs[draw.task_id]
        return await asyncio.wrap_future(trials.call(lambda: _next(resolved, stub, draw, answer, sandbox)))

    return Rounds(settings.rounds if settings else 0, follow_up)


def _next(
    resolved: ResolvedExperiment, stub: Stub, draw: Draw, answer: Completion, sandbox: Sandbox
) -> Draw | None:
    """Return what is asked after an answer to a draw; None where nothing is wrong with it."""
    failure = first_failure(answer, stub, probe_of(stub), resolved.extract, sandbox)
    if failure is None or resolved.repair is None:
        return None
    return replace(draw, request=resolved.follow_up(draw.request, answer, stub, failure, resolved.repair))

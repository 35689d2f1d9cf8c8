"""What is wrong with an answer, as far as the problem's own prompt shows it (Self-Debug, arXiv:2304.05128).

Whoever answers again is told nothing else: no hidden test, no solution and no task id comes in here.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.pipeline import Extract
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion, Outcome
from pytest_humaneval.core.selection.probe import Probe

NO_PROGRAM = "The answer holds no Python program that could be run."


@dataclass(frozen=True)
class Failure:
    """Why an answer is not right.

    Attributes:
        program: what was run; the answer as it was where it holds no program.
        text: the first example that it fails, with what it gave instead; or why there was nothing to run.
    """

    program: str
    text: str


def first_failure(
    completion: Completion, stub: Stub, probe: Probe, extract: Extract, sandbox: Sandbox
) -> Failure | None:
    """Return the first failure of an answer; None if it passes all examples, or if there are none.

    Raises:
        StepError: a step of the post-processing cannot read the answer.
        SandboxError: the program could not be run, for a reason that is not its own.
    """
    if not probe.examples:
        return None
    solution = extract(completion, stub).solution
    if solution is None:
        return Failure(completion.text, NO_PROGRAM)
    verdict = sandbox.run(probe.candidate(solution))
    if verdict.outcome is Outcome.INFRA_ERROR:
        raise SandboxError(verdict.message or "the sandbox has no verdict")
    failed = probe.failed_example(verdict)
    return None if failed is None else Failure(solution, failed)

"""A harmless candidate that must pass, to find out whether a sandbox can judge at all."""

from __future__ import annotations

from typing import Final

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.records import Candidate, Outcome

HARMLESS_CANDIDATE: Final = Candidate(
    "def f(): return 1\n", "f", "", "def check(candidate):\n    assert candidate() == 1\n"
)


def probe_sandbox(sandbox: Sandbox) -> None:
    """Have the harmless candidate judged.

    Raises:
        SandboxError: it does not pass, so every other verdict would say nothing about its candidate.
    """
    verdict = sandbox.run(HARMLESS_CANDIDATE)
    if verdict.outcome is not Outcome.PASSED:
        raise SandboxError(
            "the sandbox cannot judge here: a harmless candidate "
            f"ended as {verdict.outcome} ({verdict.message})"
        )

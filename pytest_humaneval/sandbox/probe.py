"""A candidate that passes wherever any can be judged at all."""

from __future__ import annotations

from typing import Final

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.records import Candidate, Outcome

HARMLESS: Final = Candidate(
    "def f(): return 1\n", "f", "", "def check(candidate):\n    assert candidate() == 1\n"
)


def prove(sandbox: Sandbox) -> None:
    """Have a harmless candidate judged.

    Raises:
        SandboxError: it does not pass, so nothing can be judged here.
    """
    verdict = sandbox.run(HARMLESS)
    if verdict.outcome is not Outcome.PASSED:
        raise SandboxError(
            "the sandbox cannot judge here: a harmless candidate "
            f"ended as {verdict.outcome} ({verdict.message})"
        )

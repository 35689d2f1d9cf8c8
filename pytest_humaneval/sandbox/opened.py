"""What an opened sandbox can do beyond judging."""

from __future__ import annotations

from typing import Protocol

from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.records import Candidate, Verdict


class OpenedSandbox(Sandbox, Protocol):
    """A sandbox in use: ``Sandbox``, and what its users want to know of it."""

    @property
    def places(self) -> int:
        """How many threads may usefully wait in ``run`` at once."""
        ...

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation: why one is missing, under its name; empty where it is in use.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        ...

    async def run_async(self, candidate: Candidate) -> Verdict:
        """Return the verdict, from a thread of the running loop's; raises as ``run``."""
        ...

    def __enter__(self) -> OpenedSandbox: ...

    def __exit__(self, *_: object) -> None: ...

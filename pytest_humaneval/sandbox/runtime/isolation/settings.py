"""What the host tells a worker at its start; travels as one JSON object on the command line."""

from __future__ import annotations

import json
from typing import NamedTuple

from . import syscalls

JAIL, OPEN, BASIC = "jail", "open", "basic"


class WorkerSettings(NamedTuple):
    """How one worker runs its candidates.

    Attributes:
        way: "fork" (a warm process forks each) or "interpreter" (a fresh one for each).
        isolation: "auto", "strict" or "basic"; or ``OPEN``, to do without namespaces.
        site: the host interpreter's folders of installed packages.
        timeout_s: CPU seconds for one candidate.
        memory_mib: address space of one process.
        warm: packages to load before candidates are forked, where the host has them.
    """

    way: str
    isolation: str
    site: list[str]
    timeout_s: float
    memory_mib: int
    warm: list[str]

    def dump(self) -> str:
        """Return it as text."""
        return json.dumps(self._asdict())

    @staticmethod
    def load(text: str) -> WorkerSettings:
        """Return what was dumped."""
        return WorkerSettings(**json.loads(text))

    def levels(self) -> tuple[str, ...]:
        """Return the levels of confinement to try, best first."""
        if self.isolation == BASIC or not syscalls.IS_LINUX:
            return (BASIC,)
        return (OPEN,) if self.isolation == OPEN else (JAIL, OPEN)

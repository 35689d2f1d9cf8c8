"""The settings of a worker; they travel as one JSON object on its command line."""

from __future__ import annotations

import json
from typing import NamedTuple

from . import syscalls

# Levels of confinement, best first: all layers; all but namespaces; only what every platform has.
NAMESPACES, OPEN, BASIC = "namespaces", "open", "basic"


class WorkerSettings(NamedTuple):
    """How one worker runs its candidates.

    Attributes:
        start_method: "fork" (a warm process forks each) or "interpreter" (a fresh one for each).
        isolation: "auto", "strict" or "basic"; or ``OPEN``, to do without namespaces.
        site: the host interpreter's folders of installed packages.
        timeout_s: CPU seconds for one candidate.
        memory_mib: address space of one process.
        preload: packages to load before candidates are forked, where the host has them.
        cases_timeout_s: as ``timeout_s``, for a candidate that is judged by cases; None: what follows from
            the reference's own time.
        cases_memory_mib: as ``memory_mib``, for a candidate that is judged by cases.
    """

    start_method: str
    isolation: str
    site: list[str]
    timeout_s: float
    memory_mib: int
    preload: list[str]
    cases_timeout_s: float | None = None
    cases_memory_mib: int = 4096

    def dump(self) -> str:
        """Return the settings as JSON text, for ``load``."""
        return json.dumps(self._asdict())

    @staticmethod
    def load(text: str) -> WorkerSettings:
        """Return the settings that ``dump`` wrote."""
        return WorkerSettings(**json.loads(text))

    def levels(self) -> tuple[str, ...]:
        """Return the levels of confinement to try, best first."""
        if self.isolation == BASIC or not syscalls.IS_LINUX:
            return (BASIC,)
        return (OPEN,) if self.isolation == OPEN else (NAMESPACES, OPEN)

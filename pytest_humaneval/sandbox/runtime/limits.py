"""Limits that a process sets on itself and its offspring before it runs untrusted code: setrlimit(2)."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows has none of these limits
    resource = None  # type: ignore[assignment, unused-ignore]

MIB = 1 << 20
FILE_SIZE_MIB = 64
OPEN_FILES = 256
PROCESSES = 64


@dataclass(frozen=True)
class Limits:
    """What one candidate may use."""

    timeout_s: float
    memory_mib: int

    def apply(self, processes_beside: int = 0) -> None:
        """Set the limits for good; one that the platform lacks or refuses is left out.

        Args:
            processes_beside: how many processes the user has beside the candidate's; the limit counts them.
        """
        cpu_s = math.ceil(self.timeout_s) + 1
        _set("RLIMIT_CPU", cpu_s, cpu_s + 1)
        _set("RLIMIT_AS", self.memory_mib * MIB)
        _set("RLIMIT_FSIZE", FILE_SIZE_MIB * MIB)
        _set("RLIMIT_NOFILE", OPEN_FILES)
        _set("RLIMIT_NPROC", PROCESSES + processes_beside)
        _set("RLIMIT_CORE", 0)


def _set(name: str, soft: int, hard: int | None = None) -> None:
    number = getattr(resource, name, None)
    if number is not None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(number, (soft, soft if hard is None else hard))

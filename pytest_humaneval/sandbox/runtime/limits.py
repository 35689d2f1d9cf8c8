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

    def apply(self) -> None:
        """Set the limits for good; one that the platform lacks or refuses is left out."""
        cpu_s = math.ceil(self.timeout_s) + 1
        for name, soft, hard in (
            ("RLIMIT_CPU", cpu_s, cpu_s + 1),
            ("RLIMIT_AS", self.memory_mib * MIB, self.memory_mib * MIB),
            ("RLIMIT_FSIZE", FILE_SIZE_MIB * MIB, FILE_SIZE_MIB * MIB),
            ("RLIMIT_NOFILE", OPEN_FILES, OPEN_FILES),
            ("RLIMIT_CORE", 0, 0),
        ):
            self._set(name, soft, hard)

    def _set(self, name: str, soft: int, hard: int) -> None:
        number = getattr(resource, name, None)
        if number is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(number, (soft, hard))

"""Resource limits of a process and its descendants, set before it runs untrusted code: setrlimit(2)."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from . import syscalls
from .syscalls import Step

try:
    import resource
except ImportError:
    # Windows has none of these limits.
    resource = None  # type: ignore[assignment, unused-ignore]

MIB = 1 << 20
FILE_SIZE_MIB = 64
FILES_MIB = 64
OPEN_FILES = 256

PROCESSES = 64
# Inodes of a candidate's file system. Without namespaces: how many files of its folder are looked at.
MAX_FILES = 4_096


class ResourceLimits(NamedTuple):
    """What one candidate may use.

    Attributes:
        timeout_s: CPU seconds of it and its descendants.
        memory_mib: address space of one process.
    """

    timeout_s: float
    memory_mib: int

    def steps(self) -> list[Step]:
        """Return the calls that set the limits of a process for good; those that it inherits may be lower.

        The one of CPU time is a backstop to the worker's watchdog, which is tighter and counts all processes
        together.
        """
        memory, seconds = self.memory_mib * MIB, int(self.timeout_s) + 2
        wanted = {"RLIMIT_AS": (memory, memory), "RLIMIT_CPU": (seconds, seconds + 1)}
        set_limit = resource.setrlimit if syscalls.IS_LINUX else _set_where_possible
        numbers = {getattr(resource, name, None): values for name, values in wanted.items()}
        return [
            (set_limit, (number, values))
            for number, values in numbers.items()
            if number is not None and _may_have(number, values[1])
        ]


def _may_have(number: int, hard_limit: int) -> bool:
    _, inherited = resource.getrlimit(number)
    return inherited == resource.RLIM_INFINITY or inherited >= hard_limit


def _set_where_possible(number: int, values: tuple[int, int]) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(number, values)


def apply_common_limits(processes_beside: int | None = 0) -> None:
    """Set the limits that are the same for all candidates, and inherited, for good.

    One that the platform lacks or refuses is left out.

    Args:
        processes_beside: how many processes the user has beside the candidate's; None if unknown.
    """
    wanted = {
        "RLIMIT_FSIZE": FILE_SIZE_MIB * MIB,
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    # RLIMIT_NPROC counts all processes of the user, not only the descendants of this one.
    if processes_beside is not None:
        wanted["RLIMIT_NPROC"] = PROCESSES + processes_beside
    for name, value in wanted.items():
        number = getattr(resource, name, None)
        if number is not None:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(number, (value, value))

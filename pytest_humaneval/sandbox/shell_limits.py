"""The limits that the shell has set on this process and all that it starts: ulimit, see getrlimit(2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Limits, Outcome, Verdict
from pytest_humaneval.sandbox.runtime.processes.process_tree import described

try:
    import resource
except ImportError:  # Windows has none of these limits
    resource = None  # type: ignore[assignment, unused-ignore]

_MIB = 1 << 20
_SIGKILL, _SIGXCPU = 9, 24
_ENDED_BY_CPU_LIMIT = {described(-_SIGKILL), described(-_SIGXCPU)}
_PLENTY = 4096
"""Processes and threads that no run comes near to."""
_TICK_S = 0.1
"""How far the kernel's and our count of CPU time may be apart."""


def tighter_than(limits: Limits) -> list[str]:
    """Return a line for each limit of the shell that candidates meet before the sandbox's own."""
    lines = []
    if (cpu_s := _hard("RLIMIT_CPU")) is not None and cpu_s < limits.timeout_s:
        lines.append(
            f"ulimit -t: this shell allows {cpu_s} s of CPU time, less than the time limit of "
            f"{limits.timeout_s:g} s; a candidate that needs more gets no verdict"
        )
    if (memory := _hard("RLIMIT_AS")) is not None and memory < limits.memory_mib * _MIB:
        lines.append(
            f"ulimit -v: this shell allows {memory // _MIB} MiB of memory, less than the memory limit of "
            f"{limits.memory_mib} MiB; a candidate that needs more is out of memory"
        )
    return lines


def excused(verdict: Verdict, timeout_s: float) -> Verdict:
    """Return a verdict; none for a candidate that the shell's limit of CPU time ended before its own did."""
    cpu_s = _hard("RLIMIT_CPU") if verdict.message in _ENDED_BY_CPU_LIMIT else None
    if cpu_s is None or cpu_s >= timeout_s or verdict.seconds < cpu_s - _TICK_S:
        return verdict
    reason = (
        f"ulimit -t {cpu_s}, the shell's limit of CPU time, ended it before the time limit of {timeout_s:g} s"
    )
    return Verdict(Outcome.INFRA_ERROR, reason, verdict.seconds)


def allowed() -> str:
    """Return, in brackets, how many processes and how much memory the shell allows where that is little."""
    processes, memory = _soft("RLIMIT_NPROC"), _soft("RLIMIT_AS")
    told = []
    if processes is not None and processes < _PLENTY:
        told.append(f"ulimit -u allows this user {processes} processes and threads")
    if memory is not None:
        told.append(f"ulimit -v allows a process {memory // _MIB} MiB of memory")
    return f" ({', '.join(told)})" if told else ""


@contextmanager
def starting_threads() -> Iterator[None]:
    """Translate what Python raises where no thread can be started.

    Raises:
        SandboxError: none can be.
    """
    try:
        yield
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        raise SandboxError(f"no more threads can be started{allowed()}") from error


def _soft(name: str) -> int | None:
    return _limit(name, 0)


def _hard(name: str) -> int | None:
    return _limit(name, 1)


def _limit(name: str, index: int) -> int | None:
    """Return one of the two values of a limit; None where it is unlimited or unknown to the platform."""
    if not hasattr(resource, name):
        return None
    value = resource.getrlimit(getattr(resource, name))[index]
    return None if value == resource.RLIM_INFINITY else value

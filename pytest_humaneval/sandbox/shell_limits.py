"""Limits that this process has inherited from its shell (ulimit, getrlimit(2)); their effect on verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Limits, Outcome, Verdict
from pytest_humaneval.sandbox.runtime.processes.process_tree import describe_exit

try:
    import resource
except ImportError:
    # Windows has none of these limits.
    resource = None  # type: ignore[assignment, unused-ignore]

_MIB = 1 << 20
_SIGKILL, _SIGXCPU = 9, 24
_ENDED_BY_CPU_LIMIT = {describe_exit(-_SIGKILL), describe_exit(-_SIGXCPU)}
# No run comes near to so many processes and threads: a limit above it is not worth a message.
_PLENTY = 4096
# How far the kernel's count of CPU time and ours may be apart.
_TICK_S = 0.1


def shell_limit_warnings(limits: Limits) -> list[str]:
    """Return one line for each limit of the shell that is tighter than the sandbox's own."""
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


def blame_shell_limit(verdict: Verdict, timeout_s: float) -> Verdict:
    """Return the verdict, or ``infra_error`` where the shell's CPU limit ended the candidate early.

    Args:
        verdict: of a candidate.
        timeout_s: the sandbox's own limit of CPU time.
    """
    cpu_s = _hard("RLIMIT_CPU") if verdict.message in _ENDED_BY_CPU_LIMIT else None
    if cpu_s is None or cpu_s >= timeout_s or verdict.seconds < cpu_s - _TICK_S:
        return verdict
    reason = (
        f"ulimit -t {cpu_s}, the shell's limit of CPU time, ended it before the time limit of {timeout_s:g} s"
    )
    return Verdict(Outcome.INFRA_ERROR, reason, verdict.seconds)


def describe_tight_limits() -> str:
    """Return the shell's limits of processes and memory, in brackets, for a message; "" if not tight."""
    processes, memory = _soft("RLIMIT_NPROC"), _soft("RLIMIT_AS")
    lines = []
    if processes is not None and processes < _PLENTY:
        lines.append(f"ulimit -u allows this user {processes} processes and threads")
    if memory is not None:
        lines.append(f"ulimit -v allows a process {memory // _MIB} MiB of memory")
    return f" ({', '.join(lines)})" if lines else ""


@contextmanager
def starting_threads() -> Iterator[None]:
    """Raise SandboxError where the body of the context cannot start a thread.

    Raises:
        SandboxError: the system refused a thread.
    """
    try:
        yield
    # Python has no class of its own for it: only the text tells it from other errors.
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        raise SandboxError(f"no more threads can be started{describe_tight_limits()}") from error


def _soft(name: str) -> int | None:
    return _limit(name, 0)


def _hard(name: str) -> int | None:
    return _limit(name, 1)


def _limit(name: str, index: int) -> int | None:
    """Return the soft (0) or hard (1) value of a limit; None if it is unlimited or the platform lacks it."""
    if not hasattr(resource, name):
        return None
    value = resource.getrlimit(getattr(resource, name))[index]
    return None if value == resource.RLIM_INFINITY else value

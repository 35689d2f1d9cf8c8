"""The seams of the pipeline: what a provider, a completion store, a sandbox and a report promise."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pytest_humaneval.core.cost import Bill
from pytest_humaneval.core.records import Candidate, Completion, Draw, Limits, SettledDraw, Verdict
from pytest_humaneval.core.scoring.session_summary import SessionSummary


class Provider(Protocol):
    """Gives completions."""

    def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw exactly once, each as soon as it is known, in any order.

        A draw that finally fails is yielded with its reason.

        Raises:
            ProviderError: no completion can be had at all (server down, engine missing).
        """
        ...


@runtime_checkable
class TakesMore(Protocol):
    """A provider may also take more draws while it works; else these wait until it has settled all others."""

    def complete_with_more(
        self, draws: Sequence[Draw], more: AsyncIterator[Sequence[Draw]]
    ) -> AsyncGenerator[SettledDraw, None]:
        """Yield, as ``Provider.complete`` does, these draws and those that ``more`` gives meanwhile.

        It ends when all are settled and ``more`` has ended.

        Raises:
            ProviderError: no completion can be had at all.
        """
        ...


@dataclass(frozen=True)
class Traffic:
    """What a provider's requests are doing at this moment.

    Attributes:
        in_flight: requests that were sent and are not answered yet.
        waiting_to_retry: requests that failed and will be sent again.
        retry_reason: why the latest of them failed, in a few words.
    """

    in_flight: int = 0
    waiting_to_retry: int = 0
    retry_reason: str = ""


@runtime_checkable
class ReportsTraffic(Protocol):
    """A provider may also say what its requests are doing, for the progress line."""

    def traffic(self) -> Traffic:
        """Return what the requests are doing; called from any thread, some times a second."""
        ...


@runtime_checkable
class TakesBill(Protocol):
    """A provider may also add what its answers cost to a bill, and ask that before each request."""

    def charge_to(self, bill: Bill) -> None:
        """Take the bill, before anything is requested."""
        ...


class Store(Protocol):
    """Keeps completions by content: safe under several processes, and under a kill at any moment."""

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known."""
        ...

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion; a second one for the same draw changes nothing."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class Sandbox(Protocol):
    """Judges candidates, each in an isolated process of its own."""

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; thread-safe, blocking.

        Trouble that is not the candidate's is an ``infra_error`` verdict, never a wrong answer.
        """
        ...

    def close(self) -> None:
        """End every process and remove every file that the sandbox made."""
        ...


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

    def __enter__(self) -> OpenedSandbox: ...

    def __exit__(self, *_: object) -> None: ...


class Report(Protocol):
    """Takes the results of a session somewhere: into a file, to a tracking server, to a CI system."""

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Write the session down; return lines for the end of the terminal's summary.

        Raises:
            OSError, HumanEvalError: it cannot be written. The other reports are written all the same.
        """
        ...


@runtime_checkable
class WritesPartial(Protocol):
    """A report may also be written now and then while the session goes on, of the results so far."""

    def write_partial(self, session: SessionSummary) -> None:
        """Write down how far the session is; ``session.unfinished`` says what is missing.

        Called by a thread of its own, at most once a minute, and never while ``write`` is. Where it fails,
        the summary has a warning, and it is not called again.
        """
        ...


OpenStore = Callable[[str], Store]
"""Opens the store of a URL."""

OpenSandbox = Callable[[Limits, "int | None", str, str], OpenedSandbox]
"""Opens a sandbox, given the limits, the number of jobs (None: all cores), the isolation and the address."""

"""The verdict: runs a problem's check on the trusted side, against a candidate in another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .check import Check, check_of
from .codec import Unsendable
from .remote import MAX_TEXT, Process, Remote
from .text import visible


@dataclass
class Ruling:
    """A verdict on its way to the host process; fields as in ``Verdict``."""

    outcome: str
    message: str | None = None
    seconds: float = 0.0


def judge(request: dict[str, str], start: Callable[[], Process], timeout_s: float) -> Ruling:
    """Return the verdict on one candidate.

    Args:
        request: the fields of ``Candidate``.
        start: gives a confined process.
        timeout_s: CPU seconds for the whole check.
    """
    process = start()
    remote = Remote(process, timeout_s)
    try:
        remote.load(request["solution"], request["entry_point"])
        ruling = _ruling(request, remote)
        ruling.seconds = remote.cpu_s()
    finally:
        ended = process.end()
    return ruling if ruling.outcome else _of_exit(ended, ruling.seconds)


def _ruling(request: dict[str, str], remote: Remote) -> Ruling:
    try:
        check = check_of(request["prompt"], request["test"], request["entry_point"])
    except (SyntaxError, ValueError) as error:
        return Ruling("infra_error", f"the dataset's test cannot be compiled: {error}")
    noted: dict[int, Any] = {}
    ruling = Ruling("passed")
    try:
        check.run(remote, noted)
        remote.await_loading()
    except BaseException as error:
        ruling = _of_error(error, check, remote, noted)
    if remote.ended:  # decides even where the test caught it
        return Ruling(remote.ended.outcome, remote.ended.message)
    return ruling


def _of_error(error: BaseException, check: Check, remote: Remote, noted: dict[int, Any]) -> Ruling:
    if error in remote.raised:
        return Ruling("exception", remote.raised[error])
    if isinstance(error, AssertionError):
        return Ruling("wrong_answer", check.explain(error, noted, remote.results))
    text = visible(f"{type(error).__name__}: {error}", MAX_TEXT)
    if isinstance(error, Unsendable):
        return Ruling("infra_error", f"the test passes what is no plain data: {text}")
    return Ruling("exception", f"{text} (in the test, on what the entry point returned)")


def _of_exit(ended: str, seconds: float) -> Ruling:
    """Return the verdict on a process that went away in the middle of the check."""
    if "CPU time" in ended:
        return Ruling("timeout", ended, seconds)
    return Ruling("crashed", ended, seconds)

"""The candidate as its check sees it: a callable whose calls are answered by another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from .budget import Budget
from .codec import Malformed, Opaque, loads, pack
from .decoding import Decoder
from .limits import FILES_MIB
from .raised import local_exception
from .text import visible
from .wire import Channel, Closed, Oversized

FIRST_LOOK_S = 0.05
LOOK_S = 0.2
SHARING_LOOK_S = 0.05
IDLE_SHARE = 8
"""A candidate that waits, and so lets another one run beside it, may hold this part of the memory allowed."""
MAX_TEXT = 600
TAMPERED = "tampered with the sandbox's protocol"


class Process(Protocol):
    """A confined process that runs ``child.serve``."""

    @property
    def channel(self) -> Channel:
        """The connection to it."""
        ...

    def pid(self) -> int | None:
        """Return its number; None where the platform does not tell."""
        ...

    def disk_mib(self) -> float:
        """Return the space that its files take, in MiB; 0 where nothing needs to watch it."""
        ...

    def end(self) -> tuple[str, float]:
        """Kill it with all its offspring.

        Returns:
            How it had ended before that, for a person; the CPU seconds that it took, 0 where unknown.
        """
        ...


class Ended(BaseException):
    """The candidate can answer no more. What it did decides, whatever the test makes of this.

    Args:
        outcome: as in ``Outcome``; empty where the process is gone and its exit status tells.
        message: for a person.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(outcome, message)
        self.outcome, self.message = outcome, message


class RunOut(Exception):
    """There is nothing left to repeat."""


class Remote:
    """Stands for the candidate's entry point.

    Args:
        process: confined, and about to wait for a program.
        timeout_s: CPU seconds for all calls together.
        memory_mib: for the process and its offspring together.
        on_idle: called once if the candidate waits without using a core; None where it need not be known.

    Attributes:
        results: what the calls returned, in order.
        opaques: all that came from the candidate and is no plain data.
        raised: the exceptions of the candidate that the test got to see, each with its text.
        shares: it has waited without using a core, and may hold just a share of the memory since then.
        ended: set when the candidate can answer no more.
    """

    def __init__(
        self, process: Process, timeout_s: float, memory_mib: int, on_idle: Callable[[], None] | None
    ) -> None:
        self._process = process
        self._channel = process.channel
        self._allowed_mib = float(memory_mib)
        self._idle_mib = memory_mib / IDLE_SHARE
        self._on_idle = on_idle
        self._budget = Budget(process.pid, timeout_s)
        self._next_look_s = time.monotonic() + min(FIRST_LOOK_S, timeout_s)
        self._loaded = False
        self.shares = False
        self._to_repeat: list[Any] | None = None
        self.results: list[Any] = []
        self.opaques: list[Opaque] = []
        self.raised: dict[BaseException, str] = {}
        self.ended: Ended | None = None

    def load(self, source: str, entry_point: str) -> None:
        """Send the program; it is loaded while the check is made ready."""
        self._channel.send(pack("load", source, entry_point))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the entry point.

        Raises:
            Unsendable: the arguments are no plain data.
            Ended: no answer will ever come.
            RunOut: results are being repeated, and there are no more.
            Exception: the candidate's own, under its nearest builtin type.
        """
        if self._to_repeat is not None:
            return self._next_repeated()
        if self.ended:
            raise self.ended
        self._channel.send(pack("call", list(arguments), keywords))
        self.await_loading()
        reply = self._receive()
        if reply[0] != "returned" or len(reply) != 3:
            raise self._failure(reply)
        began_s = time.thread_time()
        result, changed = self._decoded(reply[1]), self._decoded(reply[2])
        if type(changed) is list:
            _carry_back(list(arguments), changed)
        self._budget.charge(time.thread_time() - began_s)
        self.results.append(result)
        return result

    def repeat(self, results: list[Any]) -> None:
        """From now on ask nobody, but answer with these, in their order."""
        self._to_repeat = list(results)

    def _next_repeated(self) -> Any:
        if not self._to_repeat:
            raise RunOut
        return self._to_repeat.pop(0)

    def check_inside(self, test: str) -> str:
        """Have the test run in the candidate's process; return what it says went wrong, or nothing."""
        self._channel.send(pack("check", test))
        try:
            self.await_loading()
            reply = self._receive()
            if reply[0] == "returned":
                return ""
            return str(self.raised[self._failure(reply)])
        except (Ended, KeyError):
            return "ended"

    def await_loading(self) -> None:
        """Return when the program is loaded.

        Raises:
            Ended: it never will be.
        """
        if self._loaded:
            return
        reply = self._receive()
        if reply != ["loaded"]:
            raise self._fatal(reply)
        self._loaded = True

    def settle(self) -> None:
        """Let what was used up to now decide, even if every call was answered.

        Raises:
            Ended: it was more than allowed.
        """
        if time.monotonic() >= self._next_look_s:
            self._look()

    def is_doubtful(self) -> bool:
        """Return whether a timeout may be the fault of a busy machine."""
        return self._budget.is_blind()

    def _receive(self) -> list[Any]:
        try:
            data = self._await_message()
            began_s = time.thread_time()
            message = loads(data)
            self._budget.charge(time.thread_time() - began_s)
        except Closed:
            raise self._end("", "") from None
        except (Oversized, Malformed):
            message = None
        if type(message) is not list or not message:
            raise self._end("crashed", TAMPERED)
        return message

    def _await_message(self) -> bytes:
        began_s = time.monotonic()
        while True:
            message = self._channel.receive(max(self._next_look_s - began_s, 0.0))
            now_s = time.monotonic()
            self._budget.waited(now_s - began_s)
            began_s = now_s
            # Also when it answers: many short calls take as long as a long one.
            if now_s >= self._next_look_s:
                self._look()
            if message is not None:
                return message

    def _look(self) -> None:
        """See what was used, and say when to look again.

        Raises:
            Ended: it was more than allowed.
        """
        budget = self._budget
        budget.look()
        left_s = budget.left_s()
        if left_s <= 0:
            raise self._end("timeout", budget.explain())
        memory_mib = budget.memory_mib()
        if memory_mib > self._allowed_mib:
            raise self._end("memory", f"more than {self._allowed_mib:.0f} MiB in all its processes")
        if self._process.disk_mib() > FILES_MIB:
            raise self._end("memory", f"more than {FILES_MIB} MiB of files")
        if self._on_idle and not self.shares and memory_mib <= self._idle_mib and budget.is_idle():
            self.shares, self._allowed_mib = True, self._idle_mib
            self._on_idle()
        self._next_look_s = time.monotonic() + min(left_s, SHARING_LOOK_S if self.shares else LOOK_S)

    def _decoded(self, data: Any) -> Any:
        if type(data) is not list and type(data) is not dict:
            return data
        decoder = Decoder()
        try:
            return decoder.decode(data)
        except Malformed:
            raise self._end("crashed", TAMPERED) from None
        finally:
            self.opaques += decoder.opaques

    def _failure(self, reply: list[Any]) -> BaseException:
        """Return what the test sees of a call that returned nothing."""
        if len(reply) != 3 or reply[:2] == ["raised", "MemoryError"] or reply[0] != "raised":
            return self._fatal(reply)
        text = visible(str(reply[2]), MAX_TEXT)
        error = local_exception(str(reply[1]), text)
        self.raised[error] = text
        return error

    def _fatal(self, reply: list[Any]) -> Ended:
        kind, text = str(reply[0]), visible(str(reply[-1]), MAX_TEXT)
        if kind == "syntax":
            return self._end("syntax_error", text)
        if kind == "left":
            return self._end("crashed", f"left early: {text}")
        if kind == "raised" and len(reply) == 3:
            return self._end("memory" if reply[1] == "MemoryError" else "exception", text)
        return self._end("crashed", TAMPERED)

    def _end(self, outcome: str, message: str) -> Ended:
        self.ended = Ended(outcome, message)
        return self.ended


def _carry_back(old: Any, new: Any) -> Any:
    """Change ``old`` in place to equal ``new`` where both are mutable containers of one kind; return it."""
    if type(old) is not type(new):
        return new
    if type(old) is list:
        kept = [_carry_back(before, after) for before, after in zip(old, new)]  # noqa: B905 -- lengths may differ
        old[:] = kept + new[len(kept) :]
    elif type(old) is dict:
        merged = {key: _carry_back(old.get(key), value) for key, value in new.items()}
        old.clear()
        old.update(merged)
    elif type(old) is set:
        old.clear()
        old.update(new)
    else:
        return new
    return old

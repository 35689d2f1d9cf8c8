"""The candidate as the test sees it: a callable whose calls are answered by the candidate's process."""

from __future__ import annotations

import time
from typing import Any

from ..protocol.case_items import Item, split
from ..protocol.codec import Malformed, Opaque, loads, pack
from ..protocol.wire import Channel, Closed, Oversized
from .decoding import Decoder
from .exceptions import local_exception
from .text import printable
from .watchdog import LimitExceeded, Watchdog

# Decoding a shorter message takes less time than reading the clock to charge it.
CHARGED_BYTES = 1 << 12
MAX_TEXT = 600
TAMPERED = "tampered with the sandbox's protocol"


# A BaseException: "except Exception" in a test must not catch it.
class CandidateEnded(BaseException):
    """The candidate can answer no more; that decides the outcome, whatever the test does with this exception.

    Args:
        outcome: as in ``Outcome``; empty where the process has ended, and its exit status decides.
        message: for a person.
    """

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(outcome, message)
        self.outcome, self.message = outcome, message


class ResultsExhausted(Exception):
    """The test calls the candidate again, but all results to repeat are used up."""


class CandidateProxy:
    """Stands for the candidate's entry point in the test.

    Args:
        channel: to a process that runs ``child.serve``.
        watchdog: for that process.

    Attributes:
        results: what the calls returned, in order.
        opaques: stand-ins for objects of the candidate that are no plain data.
        raised: the exceptions of the candidate that the test has received, each with its text.
        ended: set once the candidate can answer no more.
    """

    def __init__(self, channel: Channel, watchdog: Watchdog) -> None:
        self._channel, self._watchdog = channel, watchdog
        self._loaded = False
        self._to_repeat: list[Any] | None = None
        self.results: list[Any] = []
        self.opaques: list[Opaque] = []
        self.raised: dict[BaseException, str] = {}
        self.ended: CandidateEnded | None = None

    def load(self, source: str, entry_point: str) -> None:
        """Send the program without waiting for an answer: it is loaded while the test is prepared."""
        self._channel.send(pack("load", source, entry_point))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the entry point.

        Raises:
            Unsendable: the arguments are no plain data.
            CandidateEnded: no answer will ever come.
            ResultsExhausted: results are being repeated, and there are no more.
            Exception: the candidate's own, under its nearest builtin type.
        """
        if self._to_repeat is not None:
            return self._next_repeated()
        if self.ended:
            raise self.ended
        # Before loading is awaited: the first call is then on its way when the program is ready.
        self._channel.send(pack("call", list(arguments), keywords))
        self.await_loading()
        reply = self._receive()
        if reply[0] != "returned" or len(reply) != 3:
            raise self._failure(reply)
        result, changed = self._decoded(reply[1]), self._decoded(reply[2])
        if type(changed) is list:
            _carry_back(list(arguments), changed)
        self.results.append(result)
        return result

    def send(self, *message: Any) -> None:
        """Send any other message."""
        self._channel.send(pack(*message))

    def receive_items(self, most: int) -> list[Item]:
        """Return the next batch of items, at least one and at most ``most``.

        Raises:
            CandidateEnded: none will come.
        """
        try:
            return split(self._receive_bytes(), most)
        except Malformed:
            raise self.end("crashed", TAMPERED) from None

    def failure_of(self, item: Item) -> BaseException:
        """Return the exception that an item of a call tells of, as ``__call__`` raises it."""
        try:
            reply = loads(item.content)
        except Malformed:
            reply = None
        return self._failure(reply if type(reply) is list and reply else ["tampered"])

    def begin_step(self, timeout_s: float) -> None:
        """Limit the CPU time from the next check on; the limit for all together stays."""
        self._watchdog.begin_step(timeout_s)

    def charge(self, began_s: float) -> None:
        """See ``Watchdog``."""
        self._watchdog.charge(began_s)

    def repeat(self, results: list[Any]) -> None:
        """From now on return these results, in order, instead of calling the candidate."""
        self._to_repeat = list(results)

    def _next_repeated(self) -> Any:
        if not self._to_repeat:
            raise ResultsExhausted
        return self._to_repeat.pop(0)

    def run_test_inside(self, test: str) -> str:
        """Run the test in the candidate's process; return the text of its failure, "" if it reports none."""
        self._channel.send(pack("check", test))
        try:
            self.await_loading()
            reply = self._receive()
            if reply[0] == "returned":
                return ""
            return str(self.raised[self._failure(reply)])
        except (CandidateEnded, KeyError):
            return "ended"

    def await_loading(self) -> None:
        """Wait until the program is loaded.

        Raises:
            CandidateEnded: it cannot be loaded.
        """
        if self._loaded:
            return
        reply = self._receive()
        if reply != ["loaded"]:
            raise self._fatal(reply)
        self._loaded = True

    def check_limits_once_more(self) -> None:
        """Check the limits after the last call: short calls may have passed between two checks.

        Raises:
            CandidateEnded: a limit was exceeded.
        """
        try:
            self._watchdog.check_limits_once_more()
        except LimitExceeded as error:
            raise self.end(error.outcome, error.message) from None

    def _receive(self) -> list[Any]:
        data = self._receive_bytes()
        try:
            message = loads(data) if len(data) < CHARGED_BYTES else self._loaded_and_charged(data)
        except Malformed:
            message = None
        if type(message) is not list or not message:
            raise self.end("crashed", TAMPERED)
        return message

    def _receive_bytes(self) -> bytes:
        try:
            return self._watchdog.receive()
        except LimitExceeded as error:
            raise self.end(error.outcome, error.message) from None
        except Closed:
            raise self.end("", "") from None
        except Oversized:
            raise self.end("crashed", TAMPERED) from None

    def _loaded_and_charged(self, data: bytes) -> Any:
        began_s = time.thread_time()
        try:
            return loads(data)
        finally:
            self._watchdog.charge(began_s)

    def _decoded(self, data: Any) -> Any:
        if type(data) is not list and type(data) is not dict:
            return data
        decoder, began_s = Decoder(), time.thread_time()
        try:
            return decoder.decode(data)
        except Malformed:
            raise self.end("crashed", TAMPERED) from None
        finally:
            self.opaques += decoder.opaques
            self._watchdog.charge(began_s)

    def _failure(self, reply: list[Any]) -> BaseException:
        """Return the exception to raise in the test for a call that did not return."""
        if len(reply) != 3 or reply[:2] == ["raised", "MemoryError"] or reply[0] != "raised":
            return self._fatal(reply)
        text = printable(str(reply[2]), MAX_TEXT)
        error = local_exception(str(reply[1]), text)
        self.raised[error] = text
        return error

    def _fatal(self, reply: list[Any]) -> CandidateEnded:
        kind, text = str(reply[0]), printable(str(reply[-1]), MAX_TEXT)
        if kind == "syntax":
            return self.end("syntax_error", text)
        if kind == "left":
            return self.end("crashed", f"left early: {text}")
        if kind == "raised" and len(reply) == 3:
            return self.end("memory" if reply[1] == "MemoryError" else "exception", text)
        return self.end("crashed", TAMPERED)

    def end(self, outcome: str, message: str) -> CandidateEnded:
        """Return the exception to raise now that the candidate can answer no more, and remember it."""
        self.ended = CandidateEnded(outcome, message)
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

"""The untrusted end: holds a candidate's module and answers calls of its entry point.

Everything here shares a process with the candidate and can be turned against itself; nothing is believed.

    in    ["load", source, entry point]            then any number of ["call", arguments, keywords],
                                                   or ["check", source of the test],
                                                   or ["tell"], answered even where loading failed
    out   ["confined", pid]                        before any untrusted code has run
          ["loaded"] or how loading failed         ["syntax", text], ["raised", type, text], ["left", text]
          ["returned", value, arguments or null]   for each call, or how it failed; arguments where changed
          ["told", line or null, text]             where it failed last, and the end of what it printed
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from typing import Any

from . import wire
from .codec import Unsendable, dumps, loads
from .decoding import Decoder
from .encoding import Encoder
from .likeness import plain
from .output import Output

MAX_TEXT = 2_000
MODULE = "candidate"
FILE = "<candidate>"
_LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)


def serve(reader: int, writer: int) -> None:
    """Load a candidate and answer calls until the other end closes."""
    reply = _replier(writer)
    reply(["confined", os.getpid()])
    _, source, entry_point = loads(wire.receive(reader))
    output = Output()
    output.take_over()
    candidate = _Candidate(entry_point)
    outcome = candidate.load(source)
    reply(outcome)
    while True:
        kind, *content = loads(wire.receive(reader))
        if kind == "tell":
            reply(["told", candidate.failing_line, output.end()])
        elif outcome == ["loaded"]:
            reply((candidate.answer if kind == "call" else candidate.check)(*content))


def _replier(writer: int) -> Callable[[Any], None]:
    def reply(message: Any) -> None:
        wire.send(writer, dumps(message))

    return reply


class _Candidate:
    """A candidate's module; ``failing_line`` is where in its source the latest step failed, if it did."""

    def __init__(self, entry_point: str) -> None:
        self._entry_point = entry_point
        self._module = types.ModuleType(MODULE)
        sys.modules[MODULE] = self._module
        self.failing_line: int | None = None

    def load(self, source: str) -> list[Any]:
        try:
            code = compile(source, FILE, "exec", dont_inherit=True)
        except SyntaxError as error:
            self.failing_line = error.lineno
            return ["syntax", f"line {error.lineno}: {error.msg}"[:MAX_TEXT]]
        except ValueError as error:  # a null byte, or a lone surrogate
            return ["syntax", _text(error)]
        except (RecursionError, MemoryError, OverflowError) as error:  # too deep for the parser
            return self._failure(error)
        try:
            exec(code, self._module.__dict__)  # noqa: S102 -- running candidates is what this process is for
        except BaseException as error:
            return self._failure(error)
        if self._entry_point not in self._module.__dict__:
            return ["raised", "NameError", f"NameError: name '{self._entry_point}' is not defined"]
        return ["loaded"]

    def answer(self, sent: Any, sent_keywords: Any) -> list[Any]:
        self.failing_line = None
        decoder = Decoder()
        arguments, keywords = decoder.decode(sent), decoder.decode(sent_keywords)
        try:
            result = self._module.__dict__[self._entry_point](*arguments, **keywords)
            return ["returned", _encoded(result), _changed(arguments, sent)]
        except BaseException as error:
            return self._failure(error)

    def check(self, test: str) -> list[Any]:
        """Run a test beside the candidate, as must be where it passes more than plain data."""
        self.failing_line = None
        try:
            exec(compile(test, "<test>", "exec", dont_inherit=True), self._module.__dict__)  # noqa: S102
            self._module.__dict__["check"](self._module.__dict__[self._entry_point])
        except BaseException as error:
            return self._failure(error)
        return ["returned", None, None]

    def _failure(self, error: BaseException) -> list[Any]:
        self.failing_line = _line_of(error)
        kind = type(error)
        if isinstance(error, _LEAVING):
            return ["left", f"{kind.__name__}({_text(error)})"]
        return ["raised", _nearest_builtin(kind), f"{kind.__name__}: {_text(error)}"]


def _line_of(error: BaseException) -> int | None:
    """Return the innermost line of the candidate's source that an exception came through."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _nearest_builtin(kind: type[BaseException]) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return "(its text cannot be had)"


def _encoded(result: Any) -> Any:
    try:
        return Encoder(plain).encode(result)
    except (Unsendable, RecursionError) as error:
        return {"opaque": [f"{type(result).__name__}: {error}"[:200], True]}


def _changed(arguments: Any, sent: Any) -> Any:
    if all(type(argument) is not list and type(argument) is not dict for argument in sent):
        return None  # none can have been changed
    try:
        now = Encoder(plain).encode(arguments)
    except (Unsendable, RecursionError):
        return None
    return None if now == sent else now

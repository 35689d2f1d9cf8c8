"""The untrusted end: holds a candidate's module and answers calls of its entry point.

Everything here shares a process with the candidate, which can change it; the trusted end believes nothing.

    in    ("load", source, entry point)            then any number of ("call", arguments, keywords),
                                                   or ("check", source of the test),
                                                   or ("cases", ...), see ``case_calls``,
                                                   or ("describe_failure",), also where loading failed
    out   ["loaded"] or how loading failed         ["syntax", text], ["raised", type, text], ["left", text]
          ["returned", value, arguments or null]   for each call, or how it failed; arguments where changed
          ["failure", line or null, text]          where it failed last, and the end of what it printed

Messages come in as ``marshal`` data and go out as JSON, see ``codec``.

The code is kept short and direct: each page of memory that a fresh child touches has to be copied for it.
"""

from __future__ import annotations

import marshal
import sys
import types
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from ..protocol import wire
from ..protocol.codec import Unsendable
from ..protocol.marshalled import VERSION
from .case_calls import CaseCalls
from .encoding import Encoder
from .output import Output
from .plain_data import plain

MAX_TEXT = 2_000
MODULE = "candidate"
FILE = "<candidate>"
LOADED = '["loaded"]'
_LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)


def serve(reader: int, writer: int, output: Output) -> None:
    """Load a candidate and answer calls until the other end closes.

    Args:
        reader: descriptor to read messages from.
        writer: descriptor to write answers to.
        output: has replaced this process's standard streams.
    """
    _, source, entry_point = marshal.loads(wire.receive(reader))  # noqa: S302 -- from the trusted side
    candidate = _Candidate(entry_point)
    outcome = candidate.load(source)
    wire.send(writer, outcome.encode())
    message: Any = None
    while True:
        kind, *content = message or marshal.loads(wire.receive(reader))  # noqa: S302 -- as above
        message = None
        if kind == "describe_failure":
            line = "null" if candidate.failing_line is None else int(candidate.failing_line)
            wire.send(writer, f'["failure",{line},{quoted(output.end())}]'.encode())
        elif kind == "cases" and outcome == LOADED:
            message = candidate.run_cases(reader, writer, *content)
        elif outcome == LOADED:
            answer = candidate.answer if kind == "call" else candidate.check
            wire.send(writer, answer(*content).encode())


class _Candidate:
    """A candidate's module.

    Attributes:
        failing_line: the line of its source at which the latest step failed, or None.
    """

    def __init__(self, entry_point: str) -> None:
        self._entry_point = entry_point
        self._module = types.ModuleType(MODULE)
        sys.modules[MODULE] = self._module
        self.failing_line: int | None = None

    def load(self, source: str) -> str:
        try:
            code = compile(source, FILE, "exec", dont_inherit=True)
        except SyntaxError as error:
            self.failing_line = error.lineno
            # A null byte in the source is reported without a line.
            place = f"line {error.lineno}: " if error.lineno else ""
            return _reply("syntax", f"{place}{error.msg}"[:MAX_TEXT])
        # A lone surrogate cannot be encoded.
        except ValueError as error:
            return _reply("syntax", _text(error))
        # Too deep for the parser or the compiler.
        except (RecursionError, MemoryError, OverflowError) as error:
            return self._failure(error)
        try:
            exec(code, self._module.__dict__)  # noqa: S102 -- running candidates is what this process is for
        except BaseException as error:
            return self._failure(error)
        if self._entry_point not in self._module.__dict__:
            return _reply("raised", "NameError", f"NameError: name '{self._entry_point}' is not defined")
        return LOADED

    def answer(self, arguments: list[Any], keywords: dict[str, Any]) -> str:
        self.failing_line = None
        before = marshal.dumps(arguments, VERSION)
        try:
            result = self._module.__dict__[self._entry_point](*arguments, **keywords)
            return f'["returned",{_encoded(result)},{_changed(arguments, before)}]'
        except BaseException as error:
            return self._failure(error)

    def check(self, test: str) -> str:
        """Run a test in this process, for tests that pass objects which are no plain data."""
        self.failing_line = None
        try:
            exec(compile(test, "<test>", "exec", dont_inherit=True), self._module.__dict__)  # noqa: S102
            self._module.__dict__["check"](self._module.__dict__[self._entry_point])
        except BaseException as error:
            return self._failure(error)
        return '["returned",null,null]'

    def run_cases(self, reader: int, writer: int, *cases: Any) -> list[Any] | None:
        """Call the entry point for each case; return the next message, if there is one."""
        self.failing_line = None
        function = self._module.__dict__[self._entry_point]
        return CaseCalls(function, self._failure, _encoded, reader, writer).run(*cases)

    def _failure(self, error: BaseException) -> str:
        self.failing_line = _line_of(error)
        kind = type(error)
        if isinstance(error, _LEAVING):
            return _reply("left", f"{kind.__name__}({_text(error)})")
        return _reply("raised", _nearest_builtin(kind), f"{kind.__name__}: {_text(error)}")


def _line_of(error: BaseException) -> int | None:
    """Return the innermost line of the candidate's source that an exception came through."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _reply(*words: str) -> str:
    return f"[{','.join(map(quoted, words))}]"


def _nearest_builtin(kind: type[BaseException]) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return "(its text cannot be had)"


def _encoded(result: Any) -> str:
    try:
        return Encoder(plain).encode(result)
    except (Unsendable, RecursionError) as error:
        description = quoted(f"{type(result).__name__}: {error}"[:200])
        return f'{{"opaque":[{description},true]}}'


def _changed(arguments: list[Any], before: bytes) -> str:
    """Return the arguments as JSON if the call changed them and they are still plain data, else "null"."""
    try:
        if marshal.dumps(arguments, VERSION) == before:
            return "null"
    # They now hold what marshal does not take: the encoder may still know a plain form.
    except ValueError:
        pass
    try:
        return Encoder(plain).encode(arguments)
    except (Unsendable, RecursionError):
        return "null"

"""The untrusted end: holds a candidate's module and answers calls of its entry point.

Everything here shares a process with the candidate and can be turned against itself; nothing is believed.

    in    ["load", source, entry point]            then any number of ["call", arguments, keywords],
                                                   or ["check", source of the test]
    out   ["confined", pid]                        before any untrusted code has run
          ["loaded"] or how loading failed         ["syntax", text], ["raised", type, text], ["left", text]
          ["returned", value, arguments or null]   for each call, or how it failed; arguments where changed
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

MAX_TEXT = 2_000
MODULE = "candidate"
_LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)


def serve(reader: int, writer: int) -> None:
    """Load a candidate and answer calls until the other end closes."""
    reply = _replier(writer)
    reply(["confined", os.getpid()])
    _, source, entry_point = loads(wire.receive(reader))
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    outcome = _load(source, entry_point, module)
    reply(outcome)
    while outcome == ["loaded"]:
        kind, *content = loads(wire.receive(reader))
        if kind == "call":
            reply(_answer(module, entry_point, *content))
        else:
            reply(_checked(module, entry_point, *content))


def _replier(writer: int) -> Callable[[Any], None]:
    def reply(message: Any) -> None:
        wire.send(writer, dumps(message))

    return reply


def _load(source: str, entry_point: str, module: types.ModuleType) -> list[Any]:
    try:
        code = compile(source, "<candidate>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return ["syntax", f"line {error.lineno}: {error.msg}"[:MAX_TEXT]]
    except ValueError as error:  # a null byte, or a lone surrogate
        return ["syntax", _text(error)]
    except (RecursionError, MemoryError, OverflowError) as error:  # too deep for the parser
        return _failure(error)
    try:
        exec(code, module.__dict__)  # noqa: S102 -- running candidates is what this process is for
    except BaseException as error:
        return _failure(error)
    if entry_point not in module.__dict__:
        return ["raised", "NameError", f"NameError: name '{entry_point}' is not defined"]
    return ["loaded"]


def _failure(error: BaseException) -> list[Any]:
    kind = type(error)
    if isinstance(error, _LEAVING):
        return ["left", f"{kind.__name__}({_text(error)})"]
    return ["raised", _nearest_builtin(kind), f"{kind.__name__}: {_text(error)}"]


def _nearest_builtin(kind: type[BaseException]) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return "(its text cannot be had)"


def _answer(module: types.ModuleType, entry_point: str, sent: Any, sent_keywords: Any) -> list[Any]:
    decoder = Decoder()
    arguments, keywords = decoder.decode(sent), decoder.decode(sent_keywords)
    try:
        result = module.__dict__[entry_point](*arguments, **keywords)
        return ["returned", _encoded(result), _changed(arguments, sent)]
    except BaseException as error:
        return _failure(error)


def _checked(module: types.ModuleType, entry_point: str, test: str) -> list[Any]:
    """Run a test beside the candidate, as must be where it passes more than plain data."""
    try:
        exec(compile(test, "<test>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        module.__dict__["check"](module.__dict__[entry_point])
    except BaseException as error:
        return _failure(error)
    return ["returned", None, None]


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

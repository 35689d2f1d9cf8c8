"""The untrusted end: holds a candidate's module and answers calls of its entry point.

Everything here shares a process with the candidate and can be turned against itself; nothing is believed.

    in    ("load", source, entry point)            then any number of ("call", arguments, keywords),
                                                   or ("check", source of the test); all in marshal's format
    out   ["loaded"] or how loading failed         ["syntax", text], ["raised", type, text], ["left", text]
          ["returned", value, arguments or null]   for each call, or how it failed; arguments where changed

It does little, and that directly: each page of memory that a fresh child touches has to be copied for it.
"""

from __future__ import annotations

import marshal
import sys
import types
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from . import wire
from .codec import Unsendable
from .encoding import Encoder
from .likeness import plain

MAX_TEXT = 2_000
MODULE = "candidate"
LOADED = '["loaded"]'
_LEAVING = (SystemExit, KeyboardInterrupt, GeneratorExit)
_PLAINEST = 2  # a version of marshal's format in which equal values are equal bytes


def serve(reader: int, writer: int) -> None:
    """Load a candidate and answer calls until the other end closes."""
    _, source, entry_point = marshal.loads(wire.receive(reader))  # noqa: S302 -- from the trusted side
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    outcome = _load(source, entry_point, module)
    wire.send(writer, outcome.encode())
    while outcome == LOADED:
        kind, *content = marshal.loads(wire.receive(reader))  # noqa: S302 -- as above
        answer = _answer if kind == "call" else _checked
        wire.send(writer, answer(module, entry_point, *content).encode())


def _load(source: str, entry_point: str, module: types.ModuleType) -> str:
    try:
        code = compile(source, "<candidate>", "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""  # a null byte is nowhere
        return _told("syntax", f"{place}{error.msg}"[:MAX_TEXT])
    except ValueError as error:  # a null byte, or a lone surrogate
        return _told("syntax", _text(error))
    except (RecursionError, MemoryError, OverflowError) as error:  # too deep for the parser
        return _failure(error)
    try:
        exec(code, module.__dict__)  # noqa: S102 -- running candidates is what this process is for
    except BaseException as error:
        return _failure(error)
    if entry_point not in module.__dict__:
        return _told("raised", "NameError", f"NameError: name '{entry_point}' is not defined")
    return LOADED


def _told(*words: str) -> str:
    return f"[{','.join(map(quoted, words))}]"


def _failure(error: BaseException) -> str:
    kind = type(error)
    if isinstance(error, _LEAVING):
        return _told("left", f"{kind.__name__}({_text(error)})")
    return _told("raised", _nearest_builtin(kind), f"{kind.__name__}: {_text(error)}")


def _nearest_builtin(kind: type[BaseException]) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return "(its text cannot be had)"


def _answer(
    module: types.ModuleType, entry_point: str, arguments: list[Any], keywords: dict[str, Any]
) -> str:
    before = marshal.dumps(arguments, _PLAINEST)
    try:
        result = module.__dict__[entry_point](*arguments, **keywords)
        return f'["returned",{_encoded(result)},{_changed(arguments, before)}]'
    except BaseException as error:
        return _failure(error)


def _checked(module: types.ModuleType, entry_point: str, test: str) -> str:
    """Run a test beside the candidate, as must be where it passes more than plain data."""
    try:
        exec(compile(test, "<test>", "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        module.__dict__["check"](module.__dict__[entry_point])
    except BaseException as error:
        return _failure(error)
    return '["returned",null,null]'


def _encoded(result: Any) -> str:
    try:
        return Encoder(plain).encode(result)
    except (Unsendable, RecursionError) as error:
        description = quoted(f"{type(result).__name__}: {error}"[:200])
        return f'{{"opaque":[{description},true]}}'


def _changed(arguments: list[Any], before: bytes) -> str:
    """Return the arguments where the call changed them, in a way that can be told."""
    try:
        if marshal.dumps(arguments, _PLAINEST) == before:
            return "null"
    except ValueError:  # what they hold now is more than plain data
        pass
    try:
        return Encoder(plain).encode(arguments)
    except (Unsendable, RecursionError):
        return "null"

"""Parse Python source, one thread at a time on versions whose parser is not thread-safe."""

from __future__ import annotations

import ast
import sys
import threading
from contextlib import AbstractContextManager, nullcontext

PARSING: AbstractContextManager[object] = threading.RLock() if sys.version_info < (3, 12) else nullcontext()
"""Lock to hold while parsing, or while calling a library that parses.

CPython 3.11 keeps one recursion counter of the syntax tree for all threads: if two parse at the same time,
one can get a SystemError. https://github.com/python/cpython/issues/106905
"""


def syntax_tree(source: str) -> ast.Module:
    """Return the syntax tree of an unchanged source text; raises what ``ast.parse`` raises."""
    with PARSING:
        return ast.parse(source)

"""Python's parser, used by one thread at a time where it cannot serve two."""

from __future__ import annotations

import ast
import sys
import threading
from contextlib import AbstractContextManager, nullcontext

PARSING: AbstractContextManager[object] = threading.RLock() if sys.version_info < (3, 12) else nullcontext()
"""Held by a thread while it parses, or runs a library that does.

CPython 3.11 counts how deep it is in a tree once for all threads: if two parse, one can get a SystemError.
https://github.com/python/cpython/issues/106905
"""


def syntax_tree(source: str) -> ast.Module:
    """Return the tree of a source text just as it is; raises what ``ast.parse`` raises."""
    with PARSING:
        return ast.parse(source)

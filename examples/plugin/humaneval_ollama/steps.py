"""A step of post-processing."""

from __future__ import annotations

from pytest_humaneval.core.problem import Stub


def drop_prints(text: str, _stub: Stub) -> str:
    """Remove calls of print that are not indented: examples of use below the answer."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("print("))

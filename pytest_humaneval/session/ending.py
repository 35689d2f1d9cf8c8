"""Ending a run early, for a reason that one line says."""

from __future__ import annotations

from typing import NoReturn

from _pytest.outcomes import Exit

from pytest_humaneval.reports.visible import visible


class _RunEnd(Exit):
    """Ends the run as ``pytest.exit`` does."""

    # pytest prints an exception as Python does, "module.name: reason", and the module of a built-in one is
    # left out: the line begins with the plugin's name.
    __module__ = "builtins"


_RunEnd.__name__ = _RunEnd.__qualname__ = "humaneval"


def end_run(reason: str, status: int) -> NoReturn:
    """End the run with this exit status; pytest prints the reason in a line of its own."""
    raise _RunEnd(visible(reason), status)

"""Addresses into the page itself; what their parts mean is in ``assets/address.js``."""

from __future__ import annotations

from urllib.parse import urlencode

from pytest_humaneval.core.scoring.problem_insight import ProblemKey


def card_link(key: ProblemKey, experiment: str, *, is_unique: bool) -> str:
    """Return the address of a problem's card.

    Args:
        key: task id and entry point.
        experiment: the experiment's name.
        is_unique: whether no other problem of the page has this task id.
    """
    task_id, entry_point = key
    function = {} if is_unique else {"function": entry_point}
    return _address(problem=task_id, **function, experiment=experiment)


def outcome_link(outcome: str, experiment: str) -> str:
    """Return the address of the problems with an outcome in an experiment."""
    return _address(filter=f"{outcome}:{experiment}")


def _address(**parts: str) -> str:
    # A name may hold a lone surrogate, which has no UTF-8.
    return "#" + urlencode(parts, safe="/:", errors="replace")

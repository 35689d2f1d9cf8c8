"""A server's answer, as it came: the completions in it, or why it is of no use."""

from __future__ import annotations

from pytest_humaneval.core.records import Completion, Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.failure import Failure, unusable_answer


def read_answer(dialect: Dialect, request: Request, answer: object, size: int) -> list[Completion] | Failure:
    """Return the completions of an answer with status 200, at least one and at most ``size``."""
    if not isinstance(answer, dict):
        return unusable_answer(answer)
    try:
        return dialect.completions(request, answer, size) or unusable_answer(answer)
    # A JSON object, but not of the API's shape.
    except (TypeError, LookupError, AttributeError):
        return unusable_answer(answer)

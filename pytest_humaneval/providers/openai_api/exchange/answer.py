"""A server's answer with status 200, as JSON data, and the completions in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_humaneval.core.records import Completion, Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.failure import Failure, unusable_answer


@dataclass(frozen=True)
class Answer:
    """An answer that came whole, or was put together from its pieces.

    Attributes:
        content: the JSON data; of any kind, as a server may send anything.
        first_token_s: from sending the request to the first token of each choice, in their order; None, or
            nothing at all: unknown.
        generation_s: from sending the request to the last token; None if unknown.
    """

    content: object
    first_token_s: tuple[float | None, ...] = ()
    generation_s: float | None = None

    def completions(self, request: Request, n: int, dialect: Dialect) -> list[Completion] | Failure:
        """Return at least one and at most ``n`` completions, or why the answer is of no use."""
        if not isinstance(self.content, dict):
            return unusable_answer(self.content)
        try:
            read = dialect.completions(request, self.content, n)
        # A JSON object, but not of the API's shape.
        except (TypeError, LookupError, AttributeError):
            return unusable_answer(self.content)
        return self._timed(read) or unusable_answer(self.content)

    def _timed(self, completions: list[Completion]) -> list[Completion]:
        if self.generation_s is None:
            return completions
        return [
            replace(completion, first_token_s=first_s, generation_s=self.generation_s)
            for completion, first_s in zip(completions, self.first_token_s, strict=False)
        ]

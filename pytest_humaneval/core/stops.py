"""Stop sequences: a server may take only a few, so the others, and those it let through, are cut at here.

The OpenAI API takes at most four ("stop", API reference, Chat Completions); a longer list is cut short by
some clients without a word, and the text then runs on past the solution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_humaneval.core.records import Completion

SERVER_LIMIT = 4
"""Stop sequences that every OpenAI-compatible server takes."""


def sent_stops(stops: Sequence[str], limit: int = SERVER_LIMIT) -> tuple[str, ...]:
    """Return the stop sequences to send to a server that takes at most ``limit``.

    One that another one begins with says nothing of its own, so the shorter one goes alone.
    """
    distinct = list(dict.fromkeys(stops))
    telling = [
        stop for stop in distinct if not any(stop != other and stop.startswith(other) for other in distinct)
    ]
    return tuple(telling[:limit])


def cut_at_stops(completion: Completion, stops: Sequence[str]) -> Completion:
    """Return a completion that ends before the first stop sequence in it, as if the server had stopped."""
    text = completion.text
    found = [at for at in (text.find(stop) for stop in stops if stop) if at >= 0]
    return replace(completion, text=text[: min(found)], finish_reason="stop") if found else completion

"""The failure card in a few lines: what failed and where, and the command that shows all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pytest_humaneval.reports.choice_text import chosen_line
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.failure_text import headline, marked, tests_line
from pytest_humaneval.reports.visible import visible

# Two rows of a terminal with 80 columns.
_LINE_LIMIT_CHARS = 156
# The assertion, the actual, the expected and the returned value.
_MESSAGE_LINES = 4


def compact_text(card: FailureCard) -> str:
    """Return what failed, the failing line below the one before it, and the command to rerun it."""
    lines = [*map(_cut, _explanation(card)), f"rerun: {card.rerun}"]
    return visible("\n".join(lines))


def reason(card: FailureCard) -> str:
    """Return the outcome and its cause in one line."""
    cause = (card.sample.message or "").partition("\n")[0]
    return visible(_cut(f"{card.result.outcome}: {cause}" if cause else str(card.result.outcome)))


def _explanation(card: FailureCard) -> Iterator[str]:
    yield headline(card)
    samples, sample = card.result.figures, card.sample
    if len(samples) > 1:
        counts = Counter(each.outcome for each in samples).most_common()
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in counts)
        yield f"none of {len(samples)} samples passed ({outcomes}); this is sample {sample.sample_index}"
    if chosen := chosen_line(card.result):
        yield chosen
    if passed := tests_line(card):
        yield passed
    yield from (sample.message or "").splitlines()[:_MESSAGE_LINES]
    if sample.solution is not None and sample.failing_line is not None:
        program = marked(sample.solution, sample.failing_line).split("\n")
        yield from program[max(0, sample.failing_line - 2) : sample.failing_line]


def _cut(line: str) -> str:
    return line if len(line) <= _LINE_LIMIT_CHARS else f"{line[: _LINE_LIMIT_CHARS - 3]}..."

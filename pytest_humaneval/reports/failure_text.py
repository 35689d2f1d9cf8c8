"""The failure card as plain text, for a terminal and for logs."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.results import Sample
from pytest_humaneval.reports.choice_text import choice_lines
from pytest_humaneval.reports.dataset_text import cases_text
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.visible import visible

# A model that repeats itself may fill its whole token limit; a page or two of each part is what a person
# reads.
_RAW_LIMIT_CHARS = 4_000
_REASONING_LIMIT_CHARS = 1_000
_SOLUTION_LIMIT_CHARS = 8_000
_MESSAGE_LIMIT_CHARS = 4_000
_DIFF_LIMIT_CHARS = 2_000
_LINE_LIMIT_CHARS = 500
_PROMPT_LINES = 8


def failure_text(card: FailureCard) -> str:
    """Return a card as plain text; the first line is the summary."""
    return visible("\n".join(_lines(card)))


def headline(card: FailureCard) -> str:
    """Return which problem ended how, and after how long."""
    result, seconds = card.result, card.sample.seconds
    took = f", {seconds:.{2 if seconds >= 0.1 else 4}f} s" if seconds else ""
    where = result.task_id if card.dataset == HUMANEVAL else f"{result.task_id} of {card.dataset}"
    return f"{result.outcome}: {result.entry_point} ({where}) in {card.experiment}{took}"


def tests_line(card: FailureCard) -> str | None:
    """Return which tests the shown sample passed; None where there are no others than those it failed."""
    return "it passed the base tests, and failed a plus test" if card.sample.passed_base_only else None


def marked(program: str, failing_line: int | None) -> str:
    """Return a program with a mark before its failing line, as pytest marks one."""
    if failing_line is None:
        return program
    numbered = enumerate(program.split("\n"), start=1)
    return "\n".join(f"{'>' if number == failing_line else ' '} {line}".rstrip() for number, line in numbered)


def _lines(card: FailureCard) -> Iterator[str]:
    result, shown = card.result, card.sample
    yield headline(card)
    if len(result.samples) > 1:
        counts = ", ".join(f"{sample.sample_index}: {sample.outcome}" for sample in result.samples[:20])
        yield f"none of {len(result.samples)} samples passed ({counts}); this is sample {shown.sample_index}"
    if passed := tests_line(card):
        yield passed
    yield from (visible(line, _LINE_LIMIT_CHARS) for line in choice_lines(result))
    if shown.message:
        yield ""
        yield visible(shown.message, _MESSAGE_LIMIT_CHARS)
    if card.problem.cases is not None:
        yield f"tests: {cases_text(card.problem.cases)}"
    yield from _section("prompt", _folded(card.problem.prompt), _RAW_LIMIT_CHARS)
    yield from _said(shown)
    for step in shown.steps:
        yield from _section(f"post-processing: {step.name} ({step.kind})", step.diff, _DIFF_LIMIT_CHARS)
    if shown.solution is not None:
        program = marked(shown.solution, shown.failing_line)
        yield from _section("extracted program", program, _SOLUTION_LIMIT_CHARS)
    if shown.output:
        yield from _section("printed, at the end", shown.output, _RAW_LIMIT_CHARS)
    yield ""
    yield f"rerun: {card.rerun}"
    if shown.solution is not None:
        yield f"debug: {card.debug}"


def _said(shown: Sample) -> Iterator[str]:
    """Yield what the model thought, folded, and what it answered."""
    if shown.reasoning is not None:
        tokens = "" if shown.reasoning_tokens is None else f" ({shown.reasoning_tokens:,} tokens)"
        yield from _section(f"reasoning{tokens}", _folded(shown.reasoning), _REASONING_LIMIT_CHARS)
    if shown.raw is not None:
        finish = f" (finish reason: {visible(shown.finish_reason, 40)})" if shown.finish_reason else ""
        yield from _section(f"raw completion{finish}", shown.raw, _RAW_LIMIT_CHARS)


def _folded(text: str) -> str:
    """Return the first lines of a text, and the number of lines left out."""
    lines = text.strip("\n").split("\n")
    more = len(lines) - _PROMPT_LINES
    return text.strip("\n") if more <= 1 else "\n".join([*lines[:_PROMPT_LINES], f"... ({more} more lines)"])


def _section(title: str, text: str, limit_chars: int) -> Iterator[str]:
    yield ""
    yield f"--- {title} ---"
    yield visible(text.rstrip("\n"), limit_chars)

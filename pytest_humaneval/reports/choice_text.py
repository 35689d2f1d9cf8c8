"""What is known of a problem's samples beside their verdicts: examples passed, which is chosen, repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.selection.alike import groups

_SAMPLES_SHOWN = 20
_FAILED_EXAMPLES_SHOWN = 5


def chosen_line(result: ProblemResult) -> str | None:
    """Return which sample was chosen, how it ended and how many examples it passed; None without a choice."""
    if result.selected is None:
        return None
    sample = result.figures[result.selected]
    return f"chosen: sample {sample.sample_index} ({_ending(sample.final)})"


def choice_lines(result: ProblemResult) -> Iterator[str]:
    """Yield all of it; nothing where no sample was tried on examples."""
    samples = result.figures
    if line := chosen_line(result):
        yield line
    if any(sample.final.examples for sample in samples):
        yield f"examples passed: {'; '.join(_by_examples(samples))}"
    if len(samples) > 1 and (alike := list(_alike(samples))):
        yield f"behave alike: {'; '.join(alike)}"
    failed = [sample for sample in samples if sample.final.failed_example]
    for sample in failed[:_FAILED_EXAMPLES_SHOWN]:
        yield f"sample {sample.sample_index} fails an example: {sample.final.failed_example}"
    if more := failed[_FAILED_EXAMPLES_SHOWN:]:
        yield f"{len(more)} more samples fail an example"
    for sample in samples:
        if sample.rounds:
            yield f"sample {sample.sample_index}: {'; '.join(_rounds(sample))}"


def examples_text(sample: Sample) -> str | None:
    """Return how many examples a sample passed; None where it was not tried on any."""
    return f"{sample.examples_passed or 0} of {sample.examples} examples" if sample.examples else None


def _ending(sample: Sample) -> str:
    return ", ".join(filter(None, [str(sample.outcome), examples_text(sample)]))


def _by_examples(samples: Sequence[Sample]) -> Iterator[str]:
    passes = [sample.final.examples_passed or 0 for sample in samples]
    examples = max(sample.final.examples or 0 for sample in samples)
    for number in sorted(set(passes), reverse=True):
        those = [sample for sample, passed in zip(samples, passes, strict=True) if passed == number]
        yield f"{number} of {examples} by {_named(those)}"


def _alike(samples: Sequence[Sample]) -> Iterator[str]:
    numbers = groups(samples)
    for number in sorted({number for number in numbers if number is not None}):
        yield _named([sample for sample, its in zip(samples, numbers, strict=True) if its == number])


def _named(samples: Sequence[Sample]) -> str:
    names = ", ".join(str(sample.sample_index) for sample in samples[:_SAMPLES_SHOWN])
    more = len(samples) - _SAMPLES_SHOWN
    return f"{'sample' if len(samples) == 1 else 'samples'} {names}{f' and {more} more' if more > 0 else ''}"


def _rounds(sample: Sample) -> Iterator[str]:
    """Yield how the first answer and each round ended, and which of them was kept."""
    attempts = (sample, *sample.rounds)
    for number, attempt in enumerate(attempts):
        kept = " (kept)" if attempt is sample.final else ""
        yield f"{f'round {number}' if number else 'first answer'}: {_ending(attempt)}{kept}"

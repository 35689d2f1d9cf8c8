"""A dry run in words: one request of each experiment, then what there is to request, and what it may cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.preview import Preview, ShownRequest
from pytest_humaneval.reports.cost_text import amount_text
from pytest_humaneval.reports.counted import counted


def preview_lines(previews: Sequence[Preview], max_cost: float | None = None) -> Iterator[str]:
    """Yield the lines of a dry run; ``max_cost`` is what the run may cost, if that was said."""
    for preview in previews:
        if preview.shown is not None:
            yield from _request_lines(preview.experiment, preview.shown)
    for preview in previews:
        yield f"{preview.experiment}: {_counts(preview)}"
        if preview.most_later_requests:
            yield (
                f"{preview.experiment}: its repair rounds may add up to {preview.most_later_requests:,} "
                "requests, whose prompts are not known yet and are not counted here"
            )
    yield from _total(previews, max_cost)
    yield "dry run: nothing was sent"


def _request_lines(experiment: str, shown: ShownRequest) -> Iterator[str]:
    note = "; all completions are in the store, so it would not be sent" if shown.is_stored else ""
    yield f"--- a request of {experiment}, for {shown.task_id}{note}"
    yield shown.address
    yield from (f"{name}: {value}" for name, value in shown.headers.items())
    yield from shown.text.split("\n")
    yield ""


def _counts(preview: Preview) -> str:
    if preview.shown is None:
        return f"{counted(preview.completions, 'completion')}, for which no model is asked"
    about, estimated = ("about ", " (estimated by length)") if preview.is_estimated else ("", "")
    cost = ""
    if preview.most_cost is not None:
        cost = f", cost at most {about}{amount_text(preview.most_cost)}"
    return (
        f"{counted(preview.completions, 'completion')}, {preview.stored:,} of them in the store; "
        f"to request: {counted(preview.requests, 'request')}, "
        f"{about}{preview.prompt_tokens:,} prompt tokens{estimated}, "
        f"at most {preview.most_completion_tokens:,} completion tokens{cost}"
    )


def _total(previews: Sequence[Preview], max_cost: float | None) -> Iterator[str]:
    costs = [preview.most_cost for preview in previews if preview.most_cost is not None]
    about = "about " if any(preview.is_estimated for preview in previews) else ""
    if len(costs) > 1:
        yield f"all experiments together: cost at most {about}{amount_text(sum(costs))}"
    if costs and max_cost is not None and sum(costs) > max_cost:
        yield f"--humaneval-max-cost {max_cost:g} may end the requests before all are answered"

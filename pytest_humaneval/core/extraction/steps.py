"""The steps of post-processing by name, each with its kind, and the lists of them that have a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import body, choosing, cleaning
from pytest_humaneval.core.extraction.fitting import fit
from pytest_humaneval.core.extraction.pruning import without_usage
from pytest_humaneval.core.records import StepKind, Stub

Apply = Callable[[str, Stub], str]
"""A step's function: the text so far and the stub in, the text out. It runs no code."""


@dataclass(frozen=True)
class Step:
    """A step of post-processing.

    Attributes:
        name: as it is written in a configuration and shown in a report.
        kind: ``format`` if it is blind to the problem, ``repair`` if it changes what the code does.
        apply: what it does to a text.
    """

    name: str
    kind: StepKind
    apply: Apply


def _fitted(text: str, stub: Stub) -> str:
    return fit(text, stub) or text


_STEPS = (
    Step("plain_newlines", "format", lambda text, _: cleaning.plain_newlines(text)),
    Step("drop_special_tokens", "format", lambda text, _: cleaning.without_special_tokens(text)),
    Step("drop_reasoning", "format", lambda text, _: cleaning.without_reasoning(text)),
    Step("choose_code", "format", choosing.chosen_code),
    Step("fit_to_prompt", "format", _fitted),
    Step("drop_usage", "format", lambda text, stub: without_usage(text, stub.entry_point)),
    Step("first_fence", "format", lambda text, _: body.first_fence(text)),
    Step("function_body", "format", body.function_body),
)

STEPS: Mapping[str, Step] = {step.name: step for step in _STEPS}
"""Every step by name."""

POSTPROCESSINGS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "auto": (
        "plain_newlines",
        "drop_special_tokens",
        "drop_reasoning",
        "choose_code",
        "fit_to_prompt",
        "drop_usage",
    ),
    "post_chat": ("first_fence", "function_body"),
}
"""The lists of steps that have a name of their own."""


def resolve(postprocess: str | Sequence[str]) -> tuple[str, ...]:
    """Return the step names that a configured value stands for: a post-processing's name, or step names.

    Raises:
        ConfigError: a name is unknown; the text suggests the nearest one.
    """
    if isinstance(postprocess, str):
        if postprocess not in POSTPROCESSINGS:
            raise ConfigError(_unknown("post-processing", postprocess, POSTPROCESSINGS))
        return POSTPROCESSINGS[postprocess]
    for name in postprocess:
        if name not in STEPS:
            raise ConfigError(_unknown("step", name, STEPS))
    return tuple(postprocess)


def repairs(postprocess: str | Sequence[str]) -> bool:
    """Tell whether a post-processing contains a repair step.

    Raises:
        ConfigError: a name is unknown.
    """
    return any(STEPS[name].kind == "repair" for name in resolve(postprocess))


def _unknown(what: str, name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"no {what} is called {name!r}; {advice}"

"""The steps of post-processing by name, each with its kind, and the named lists of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import body, choosing, cleaning
from pytest_humaneval.core.extraction.fitting import fit, fit_stub
from pytest_humaneval.core.extraction.pruning import without_usage
from pytest_humaneval.core.extraction.repairs import conversions, missing, syntax
from pytest_humaneval.core.extraction.repairs.single_problems import SINGLES
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import StepKind

Apply = Callable[[str, Stub], str]
"""A step's function: takes the text so far and the stub, returns the new text. It runs no code."""


@dataclass(frozen=True)
class Step:
    """A step of post-processing.

    Attributes:
        name: as written in a configuration and shown in a report.
        kind: ``format`` if it is blind to the problem, ``repair`` if it changes what the code does.
        apply: the function that changes the text.
        origin: the file or the plugin that it comes from, for a message; empty for the built-in ones.
    """

    name: str
    kind: StepKind
    apply: Apply
    origin: str = ""


def _fit_to_prompt(text: str, stub: Stub) -> str:
    """Return the module that a text makes of the prompt: a whole program, a function, or its body."""
    if not text.strip():
        return ""
    return fit(text, stub) or fit_stub(text, stub) or text


def _of_text(change: Callable[[str], str]) -> Apply:
    """Return the step of a function that needs no stub."""

    def apply(text: str, _: Stub) -> str:
        return change(text)

    apply.__doc__ = change.__doc__
    return apply


_FORMAT: Mapping[str, Apply] = {
    "plain_characters": _of_text(cleaning.plain_characters),
    "drop_reasoning": _of_text(cleaning.without_reasoning),
    "drop_special_tokens": _of_text(cleaning.without_special_tokens),
    "choose_code": choosing.chosen_code,
    "fit_to_prompt": _fit_to_prompt,
    "drop_usage": without_usage,
    "first_fence": _of_text(body.first_fence),
    "function_body": body.function_body,
}

_REPAIR: Mapping[str, Apply] = {
    "cut_repetition": syntax.cut_repetition,
    "add_colons": syntax.add_colons,
    "close_ends": syntax.close_ends,
    "fill_bodies": syntax.fill_bodies,
    "import_missing": missing.import_missing,
    "define_is_prime": missing.define_is_prime,
    "define_helpers": missing.define_helpers,
    "skip_minus_signs": conversions.skip_minus_signs,
    "join_numbers": conversions.join_numbers,
    **SINGLES,
}

STEPS: Mapping[str, Step] = {
    **{name: Step(name, "format", apply) for name, apply in _FORMAT.items()},
    **{name: Step(name, "repair", apply) for name, apply in _REPAIR.items()},
}
"""Every step by name."""

# The order matters. Reasoning goes before special tokens, since in the Harmony format such tokens delimit it;
# repairs of syntax go before fitting, which drops what does not parse; other repairs need the fitted program.
_CODE = ("plain_characters", "drop_reasoning", "drop_special_tokens", "choose_code")
_PROGRAM = ("fit_to_prompt", "drop_usage")
_SYNTAX = ("cut_repetition", "add_colons", "close_ends", "fill_bodies")
_FIRST_REPAIRS = ("import_missing", "remove_vowels_in_both_cases", "closest_integer_from_float")
_LATER_REPAIRS = (
    "define_helpers",
    *_FIRST_REPAIRS,
    "sort_numbers_by_value",
    "skip_minus_signs",
    "join_numbers",
    "compare_one_with_decimal_comma",
)
_LAST_REPAIRS = (
    "words_string_on_comma_and_space",
    "parse_music_by_token",
    "rounded_avg_over_whole_range",
)

POSTPROCESSINGS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "auto": (*_CODE, *_PROGRAM),
    "post_chat": ("first_fence", "function_body"),
    "post_v1": (*_CODE, *_PROGRAM, "define_is_prime", *_FIRST_REPAIRS),
    "post_v5": (*_CODE, *_SYNTAX, *_PROGRAM, *_LATER_REPAIRS),
    "post_v7": (*_CODE, *_SYNTAX, *_PROGRAM, *_LATER_REPAIRS, *_LAST_REPAIRS),
}
"""The lists of steps that have a name: values of ``postprocess``."""


def resolve(postprocess: str | Sequence[str], steps: Mapping[str, Step] = STEPS) -> tuple[str, ...]:
    """Return the step names of a configured value: the name of a post-processing, or a list of step names.

    Args:
        postprocess: the value.
        steps: the steps that there are, by name.

    Raises:
        ConfigError: a name is unknown; the message suggests the closest one.
    """
    if isinstance(postprocess, str):
        if postprocess not in POSTPROCESSINGS:
            raise ConfigError(
                f"no post-processing is called {postprocess!r}; {suggest(postprocess, POSTPROCESSINGS)}"
            )
        return POSTPROCESSINGS[postprocess]
    for name in postprocess:
        if name not in steps:
            raise ConfigError(f"no step is called {name!r}; {suggest(name, steps)}")
    return tuple(postprocess)


def has_repairs(postprocess: str | Sequence[str], steps: Mapping[str, Step] = STEPS) -> bool:
    """Return whether a post-processing contains a repair step; see :func:`resolve`.

    Raises:
        ConfigError: a name is unknown.
    """
    return any(steps[name].kind == "repair" for name in resolve(postprocess, steps))


def format_steps(steps: Sequence[str | Step]) -> tuple[str | Step, ...]:
    """Return the steps without the repairs: what passes with these is the model's own answer."""
    resolved = ((given, STEPS[given] if isinstance(given, str) else given) for given in steps)
    return tuple(given for given, step in resolved if step.kind == "format")

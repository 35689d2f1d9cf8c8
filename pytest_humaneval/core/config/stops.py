"""Stop sequences as a TOML file gives them: of an experiment, or of a strategy."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.errors import ConfigError

STOP_RULE = Rule(
    (list,),
    "a list of non-empty strings",
    lambda value: all(isinstance(text, str) and text for text in value),
    meaning="Texts at which an answer ends; they are not part of it. An experiment without the key has its "
    "strategy's, and `[]` is none.",
    example=r'["\nclass ", "\ndef "]',
)
"""What the key ``stop`` may be."""


def check_stops(stops: Sequence[str], where: str) -> None:
    """Check that no stop sequence was written in a way that keeps its backslashes.

    Raises:
        ConfigError: one was; the message names ``where``.
    """
    for index, stop in enumerate(stops):
        if "\\n" in stop:
            raise ConfigError(
                f"{where}, stop[{index}]: {stop!r} holds a backslash and an n, not a newline, so it would "
                "never stop anything; TOML keeps backslashes inside '...', write it in \"...\" instead"
            )

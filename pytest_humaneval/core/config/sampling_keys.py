"""The keys of an experiment that say how its completions are drawn: those of ``records.Sampling``."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from pytest_humaneval.core.config.request_extras import SAMPLING_EXTRAS
from pytest_humaneval.core.config.stops import STOP_RULE
from pytest_humaneval.core.config.toml_schema import Rule

SAMPLING_RULES: Mapping[str, Rule] = {
    "temperature": Rule(
        (int, float),
        "a number from 0 to 2",
        lambda value: 0 <= value <= 2,
        meaning="How random the choice of each token is. 0 always takes the most probable token.",
        example="0.2",
    ),
    "top_p": Rule(
        (int, float),
        "a number above 0, at most 1",
        lambda value: 0 < value <= 1,
        meaning="Nucleus sampling: tokens are drawn from the most probable ones whose probabilities add up "
        "to this share. 1 draws from all.",
        example="0.95",
    ),
    "top_k": Rule(
        (int,),
        "-1 (all tokens) or a whole number of at least 1",
        lambda value: value == -1 or value >= 1,
        meaning="Tokens are drawn from this many most probable ones. -1 draws from all.",
        example="20",
    ),
    "repetition_penalty": Rule(
        (int, float),
        "a number above 0 (1 is none)",
        lambda value: 0 < value < inf,
        meaning="Above 1, tokens of the prompt and of the answer so far become less probable. 1 changes "
        "nothing.",
        example="1.05",
    ),
    "max_tokens": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="The most tokens of one answer, reasoning included. An answer that ends there before its "
        "program is whole is `truncated`.",
        example="1024",
    ),
    "stop": STOP_RULE,
    "seed": Rule(
        (int,),
        "a whole number of at least 0",
        lambda value: value >= 0,
        meaning="Seed of the random choice. Sample number i (from 0) of a problem is drawn with seed + i, "
        "and each sample is a request of its own. Without it, samples are drawn without a fixed seed.",
        example="0",
    ),
    **SAMPLING_EXTRAS,
}
"""Their rules; the values are sent with each request, also the defaults, but for those left out as None."""

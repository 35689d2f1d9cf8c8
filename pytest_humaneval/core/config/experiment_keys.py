"""The keys that an experiment's table in experiments.toml may have, but for those of its model's requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pytest_humaneval.core.config.settings import GATE_SCORES
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.config.ways import WAYS, are_ways, ways_of
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api


def _are_scores(value: Any) -> bool:  # noqa: ANN401 (a TOML value)
    scores = value.values() if isinstance(value, dict) else [value]
    # A bool is no number.
    return all(type(score) in (int, float) and 0 <= score <= 1 for score in scores)


def _are_counts(value: list[Any]) -> bool:
    return all(type(k) is int and k >= 1 for k in value)


def choice(literal: object, meaning: str, example: str) -> Rule:
    """Return the rule of a key whose values are those of a ``Literal``."""
    valid = get_args(literal)
    expected = f"one of {', '.join(valid)}"
    return Rule((str,), expected, lambda value: value in valid, meaning=meaning, example=example)


PROMPT_TAIL_RULE = choice(
    PromptTail,
    "The white space at the end of the problem's prompt: `keep` what the dataset has, `strip` all of it, or "
    "strip it and add one `newline`. It decides whether the model's first token is an indentation.",
    '"strip"',
)
"""What the key ``prompt_tail`` may be."""

POSTPROCESS_RULE = Rule(
    (str, list),
    "a name or a list of step names",
    lambda value: all(isinstance(part, str) for part in value),
    meaning="How an answer becomes a program: `auto`, `none`, `post_chat`, `post_v1`, `post_v5`, `post_v7`, "
    "or a list of step names.",
    example='"post_chat"',
)
"""What the key ``postprocess`` may be."""

WHAT_IS_RUN: Mapping[str, Rule] = {
    "server": Rule(
        (str,),
        "the name of a [servers.NAME] table",
        meaning="The `[servers.NAME]` table of the server that is asked. Required with `provider = "
        '"server"`.',
        example='"instruct"',
    ),
    "dataset": Rule(
        (str,),
        "the name of a dataset, or a file's path",
        bool,
        meaning="What the experiment is run on: the name of a dataset, or the path of a file, relative to "
        "the experiments file. Without it, HumanEval. `--humaneval-dataset` overrides it.",
        example='"mbpp+"',
    ),
    "api": choice(
        Api,
        "`chat` sends turns, which the model's chat template renders; `completion` sends one text that the "
        "model continues.",
        '"completion"',
    ),
    "strategy": Rule(
        (str,),
        "the name of a strategy folder",
        bool,
        meaning="The prompt: the folder `strategies/API/NAME` beside the experiments file, else the shipped "
        "one. Required unless the provider sends no prompts, as `canonical` does.",
        example='"fewshot_v1"',
    ),
    "postprocess": POSTPROCESS_RULE,
    "prompt_tail": PROMPT_TAIL_RULE,
    "assistant_prefill": Rule(
        (str,),
        "text with which the answer begins",
        meaning="Text with which the model's answer begins; it is part of the answer. With the chat API "
        "only.",
        example='"```python\\n"',
    ),
    "n": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="Samples of each problem. `--humaneval-n` overrides it.",
        example="10",
    ),
    "select": Rule(
        (str, list),
        f"one of {', '.join(WAYS)}, or a list of them",
        lambda value: are_ways(ways_of(value)),
        meaning="How one of a problem's samples is chosen, without its hidden tests. Later ways decide "
        "among the samples that earlier ones find equal. Without it, none is chosen. `--humaneval-select` "
        "overrides it.",
        example='["examples", "vote"]',
    ),
    "repair": Rule(
        (dict,),
        "a table [experiments.NAME.repair] with the key rounds",
        meaning="The table `[experiments.NAME.repair]`: rounds in which the model sees which example its "
        "program fails, and answers again. Without it, there are none.",
        example="{ rounds = 2 }",
    ),
}
"""Which problems, model and prompt, and how many samples."""

WHAT_IS_DECIDED: Mapping[str, Rule] = {
    "k": Rule(
        (list,),
        "a list of whole numbers of at least 1, such as [1, 10]",
        _are_counts,
        meaning="Which pass@k are reported, beside pass@1. Without it, 10, 100 and `n`; those above `n` are "
        "left out. `--humaneval-k` overrides it.",
        example="[1, 5, 10]",
    ),
    "fail_under": Rule(
        (int, float),
        "a score from 0 to 1",
        lambda value: 0 <= value <= 1,
        meaning="Gate: the least score that the experiment must reach. Without it, no such gate. "
        "`--humaneval-fail-under` overrides it.",
        example="0.5",
    ),
    "gate_on": Rule(
        (str,),
        f"one of {', '.join(GATE_SCORES)}",
        lambda value: value in GATE_SCORES,
        meaning="The score that `fail_under` and `baseline` look at. `--humaneval-gate-on` overrides it.",
        example='"selected@1"',
    ),
    "baseline": Rule(
        (str,),
        "the name of a saved baseline, or a report's path",
        bool,
        meaning="Gate and comparison: the name of a saved baseline, or the path of a JSON report, relative "
        "to the experiments file. Without it, nothing is compared. `--humaneval-baseline` overrides it.",
        example='"main"',
    ),
    "enabled": Rule(
        (bool,),
        "true or false",
        meaning="Whether the experiment is one of `all`. By its name it runs in any case.",
        example="false",
    ),
    "published": Rule(
        (int, float, dict),
        "a score from 0 to 1, or a table of such scores by dataset",
        _are_scores,
        meaning="The score that others report for the same setting, shown beside the measured one; it "
        "decides nothing. A number is for the experiment's own dataset, a table has one for each dataset. "
        "In a study it is a table by what stands in the brackets of the experiments' names.",
        example='{ humaneval = 0.616, "humaneval+" = 0.573 }',
    ),
}
"""What is reported, compared and demanded."""

WHAT_IS_VARIED: Mapping[str, Rule] = {
    "extends": Rule(
        (str,),
        "the name of another experiment",
        bool,
        meaning="Another experiment of the file, whose keys this one takes over where it does not say them "
        "itself. `enabled`, `published`, `baseline` and `fail_under` are not taken over.",
        example='"fewshot_v1_chat"',
    ),
    "matrix": Rule(
        (dict,),
        "a table of factors, each a list of values",
        meaning="Makes the table a study: each key is a factor, its list the levels. Every combination is "
        "an experiment, such as `study[fewshot_v1,t=0.2]`.",
        example='{ strategy = ["minimal", "fewshot_v1"], temperature = [0.0, 0.2] }',
    ),
    "exclude": Rule(
        (list,),
        "a list of tables of factors, for a study with a matrix",
        meaning="Combinations of the matrix that are left out. One is left out if all factors of a table "
        "agree.",
        example='[{ strategy = "minimal", temperature = 0.2 }]',
    ),
}
"""How experiments are made of others."""

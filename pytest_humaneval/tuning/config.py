"""The configuration of a training: reads a TOML file as a TuningConfig, or says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, cast

from pytest_humaneval.core.config.adapter_card import Method
from pytest_humaneval.core.config.embedded import EMBEDDED_RULES, Embedded
from pytest_humaneval.core.config.experiment_keys import PROMPT_TAIL_RULE
from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api
from pytest_humaneval.tuning.config_fields import choice, count, is_positive, is_share, number, ruled, text

HUMANEVAL = "humaneval"
"""The value of ``data`` for the dataset itself."""

OPTIONS: Mapping[Method, Mapping[str, Any]] = {
    "prompt": {
        "learning_rate": 0.05,
        "virtual_tokens": 20,
        "initialization": "vocabulary",
        "initialization_text": None,
    },
    "p-tuning": {"learning_rate": 0.001, "virtual_tokens": 20},
    "prefix": {"learning_rate": 0.01, "virtual_tokens": 20},
    "lora": {"learning_rate": 0.001, "rank": 8, "alpha": 16, "dropout": 0.0, "target_modules": "all-linear"},
}
"""The keys that only some methods have, with the default of each."""

Initialization = Literal["vocabulary", "text", "random"]


@dataclass(frozen=True)
class TuningConfig:
    """All settings of a training; each one's rule says what it is. Paths start at the file's folder."""

    model: str = ruled(EMBEDDED_RULES["model"])
    output: str = text(
        "the folder that the adapter is written to",
        "The folder that the adapter is written to, relative to the file.",
        "adapters/mine",
    )
    data: str = text(
        f'a JSONL file of prompt and solution, or "{HUMANEVAL}"',
        "What is learned from: a JSONL file whose lines have `prompt` and `solution`, or "
        f'`"{HUMANEVAL}"` for the dataset itself, together with `held_out`.',
        "examples.jsonl",
    )
    strategy: str = text(
        "the prompt strategy of the experiments",
        "The prompt strategy that puts the prompts, as in the experiments that use the adapter.",
        "minimal",
    )
    method: Method = choice(
        Method,
        "What is trained: prompt tuning, P-tuning, prefix tuning or LoRA.",
        "lora",
        "prompt",
    )
    api: Api = choice(Api, "As in the experiments that use the adapter.", "chat", "completion")
    held_out: str | float | None = ruled(
        Rule(
            (str, float),
            'problems never to be trained on, such as "120-163", or a share of them above 0 and below 1',
            lambda value: bool(value) if isinstance(value, str) else 0 < value < 1,
            f'Problems that are never trained on, as numbers or as a share. With `data = "{HUMANEVAL}"` '
            "only. An experiment with the adapter scores these and no others.",
            '"120-163"',
        ),
        None,
    )
    validation: float = number(
        "a share above 0 and below 1 of the examples",
        is_share,
        "The share of the examples that are not learned from. The loss on them decides which epoch is best.",
        0.2,
        0.1,
    )
    prompt_tail: PromptTail = ruled(PROMPT_TAIL_RULE, "keep")
    virtual_tokens: int = count("How many vectors stand before each prompt.", 8, 20)
    initialization: Initialization = choice(
        Initialization,
        "What the vectors begin as: embeddings of random tokens of the `vocabulary`, those of a `text`, or "
        "`random` numbers.",
        "text",
        "vocabulary",
    )
    initialization_text: str | None = text(
        "the text whose embeddings are the first vectors",
        'The text whose embeddings the vectors begin as. With `initialization = "text"` only.',
        "Complete the function.",
        None,
    )
    rank: int = count("The rank of each pair of matrices.", 16, 8)
    alpha: float = number(
        "a number above 0",
        is_positive,
        "LoRA's update is multiplied by alpha / rank.",
        32,
        16,
    )
    dropout: float = number(
        "a share from 0 to below 1",
        lambda value: 0 <= value < 1,
        "The share of LoRA's inputs that are set to 0 in each step of the training.",
        0.05,
        0.0,
    )
    target_modules: str | list[str] = ruled(
        Rule(
            (str, list),
            'the names of layers, such as ["q_proj", "v_proj"], or "all-linear"',
            bool,
            "The layers that get matrices, by name; `all-linear` is all linear ones but the output's.",
            '["q_proj", "v_proj"]',
        ),
        "all-linear",
    )
    epochs: int = count("The most passes over all examples.", 5, 10)
    batch_size: int = count("Examples in a batch, on each device.", 4, 8)
    gradient_accumulation: int = count("Batches in a step of the optimizer, on each device.", 2, 1)
    gradient_checkpointing: bool = ruled(
        Rule(
            (bool,), "true or false", meaning="Takes less memory and more time for each step.", example="true"
        ),
        False,
    )
    learning_rate: float = number(
        "a number above 0", is_positive, "AdamW's learning rate at its highest.", 0.001, 0.05
    )
    warm_up: float = number(
        "a share of all steps, from 0 to 1",
        lambda value: 0 <= value <= 1,
        "The share of all steps in which the learning rate rises from 0; afterwards it falls.",
        0.1,
        0.05,
    )
    max_gradient_norm: float = number(
        "a number above 0", is_positive, "A gradient with a greater norm is scaled down to it.", 0.5, 1.0
    )
    weight_decay: float = number(
        "a number of at least 0", lambda value: 0 <= value < inf, "AdamW's weight decay.", 0.01, 0.0
    )
    seed: int = count("Seed of the split, of the first vectors or matrices, and of the order.", 1, 0, 0)
    max_length: int = count("The most tokens of an example: virtual, prompt and solution.", 2048, 1024)
    patience: int = count("Epochs without a better one after which the training ends; 0: never.", 5, 3, 0)
    device: str | None = ruled(EMBEDDED_RULES["device"], None)
    precision: str = ruled(EMBEDDED_RULES["dtype"], "auto")
    threads: int | None = ruled(EMBEDDED_RULES["threads"], None)

    @property
    def vectors(self) -> int:
        """How many virtual tokens the method has: none for LoRA."""
        return self.virtual_tokens if "virtual_tokens" in OPTIONS[self.method] else 0

    @property
    def embedded(self) -> Embedded:
        """The model, as the settings of an experiment that runs it in this process."""
        return Embedded(
            self.model, device=self.device, dtype=cast("Any", self.precision), threads=self.threads
        )

    def to_json(self) -> dict[str, Any]:
        """Return the settings that the method has, as JSON data."""
        others = {name for options in OPTIONS.values() for name in options} - OPTIONS[self.method].keys()
        return {name: value for name, value in asdict(self).items() if name not in others}


RULES: Mapping[str, Rule] = {part.name: part.metadata["rule"] for part in fields(TuningConfig)}
"""The keys of a training's file."""


def read_config(path: Path) -> TuningConfig:
    """Return the configuration of a file.

    Raises:
        ConfigError: it cannot be read, or a key is unknown, missing or has an impossible value.
    """
    content = read_toml(path)
    if "checkpoints" in content:
        raise ConfigError(
            f"{path}: there is no key 'checkpoints' any more; remove it: the best epoch's adapter is kept"
        )
    check(content, RULES, str(path))
    for part in fields(TuningConfig):
        if part.default is MISSING and part.name not in content:
            raise ConfigError(f"{path}: key {part.name!r} is missing; write {RULES[part.name].expected}")
    _check_together(content, str(path))
    return TuningConfig(**{**OPTIONS[content.get("method", "prompt")], **content})


def _check_together(content: Mapping[str, Any], where: str) -> None:
    """Check keys that depend on each other."""
    method = content.get("method", "prompt")
    for key in content:
        having = [name for name, options in OPTIONS.items() if key in options]
        if having and method not in having:
            raise ConfigError(
                f'{where}, {key}: only a method {", ".join(having)} has this key, not "{method}"'
            )
    if (content["data"] == HUMANEVAL) != ("held_out" in content):
        raise ConfigError(
            f"{where}: data = \"{HUMANEVAL}\" and the key 'held_out' go together, "
            f"{RULES['held_out'].expected}: only what training has not seen may be scored"
        )
    if (content.get("initialization") == "text") != ("initialization_text" in content):
        raise ConfigError(
            f"{where}: initialization = \"text\" and the key 'initialization_text' go together; "
            "write both or none"
        )
    if method == "prefix" and content.get("gradient_checkpointing"):
        raise ConfigError(f'{where}, gradient_checkpointing: method = "prefix" cannot; remove the key')

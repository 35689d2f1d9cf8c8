"""The configuration of a training: reads a TOML file as a TuningConfig, or says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pytest_humaneval.core.config.adapter_card import Method
from pytest_humaneval.core.config.embedded import EMBEDDED_RULES, Embedded
from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api

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


def _key(rule: Rule, default: Any = MISSING) -> Any:
    return field(default=default, metadata={"rule": rule})


def _text(expected: str, default: Any = MISSING) -> Any:
    return _key(Rule((str,), expected, bool), default)


def _choice(literal: object, default: str) -> Any:
    valid = get_args(literal)
    return _key(Rule((str,), f"one of {', '.join(valid)}", lambda value: value in valid), default)


def _count(meaning: str, default: int, least: int = 1) -> Any:
    expected = f"a whole number of at least {least}, {meaning}"
    return _key(Rule((int,), expected, lambda value: value >= least), default)


def _number(expected: str, holds: Callable[[Any], bool], default: float) -> Any:
    return _key(Rule((int, float), expected, holds), default)


@dataclass(frozen=True)
class TuningConfig:
    """All settings of a training; each one's rule says what it is. Paths start at the file's folder."""

    model: str = _key(EMBEDDED_RULES["model"])
    output: str = _text("the folder that the adapter is written to")
    data: str = _text(f'a JSONL file of prompt and solution, or "{HUMANEVAL}"')
    strategy: str = _text("the prompt strategy of the experiments")
    method: Method = _choice(Method, "prompt")
    api: Api = _choice(Api, "completion")
    held_out: str | float | None = _key(
        Rule(
            (str, float),
            'problems never to be trained on, such as "120-163", or a share of them above 0 and below 1',
            lambda value: bool(value) if isinstance(value, str) else 0 < value < 1,
        ),
        None,
    )
    validation: float = _number(
        "a share above 0 and below 1 of the examples: not learned from, it decides which epoch is best",
        lambda value: 0 < value < 1,
        0.1,
    )
    prompt_tail: PromptTail = _choice(PromptTail, "keep")
    virtual_tokens: int = _count("the vectors before each prompt", 20)
    initialization: Initialization = _choice(Initialization, "vocabulary")
    initialization_text: str | None = _text("the text whose embeddings are the first vectors", None)
    rank: int = _count("the rank of each pair of matrices", 8)
    alpha: float = _number("a number above 0, by which LoRA's update is scaled", lambda v: 0 < v < inf, 16)
    dropout: float = _number("a share from 0 to below 1", lambda value: 0 <= value < 1, 0.0)
    target_modules: str | list[str] = _key(
        Rule((str, list), 'the names of layers, such as ["q_proj", "v_proj"], or "all-linear"', bool),
        "all-linear",
    )
    epochs: int = _count("the most passes over all examples", 10)
    batch_size: int = _count("the examples in a batch, on each device", 8)
    gradient_accumulation: int = _count("the batches in a step, on each device", 1)
    gradient_checkpointing: bool = _key(Rule((bool,), "true for less memory and more time"), False)
    learning_rate: float = _number("a number above 0, AdamW's at its highest", lambda v: 0 < v < inf, 0.05)
    warm_up: float = _number("a share of all steps, from 0 to 1", lambda value: 0 <= value <= 1, 0.05)
    max_gradient_norm: float = _number("a number above 0", lambda value: 0 < value < inf, 1.0)
    weight_decay: float = _number("a number of at least 0", lambda value: 0 <= value < inf, 0.0)
    seed: int = _count("of the split, the initialization and the order", 0, 0)
    max_length: int = _count("the most virtual, prompt and solution tokens together", 1024)
    patience: int = _count("the epochs without a better one that end a training; 0: never", 3, 0)
    device: str | None = _key(EMBEDDED_RULES["device"], None)
    precision: str = _key(EMBEDDED_RULES["dtype"], "auto")
    threads: int | None = _key(EMBEDDED_RULES["threads"], None)

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

"""The configuration of a training: reads a TOML file as a TuningConfig, or says in one line what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pytest_humaneval.core.config.embedded import EMBEDDED_RULES, Embedded
from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api

HUMANEVAL = "humaneval"
"""The value of ``data`` for the dataset itself."""

Initialization = Literal["vocabulary", "text"]
CheckpointPolicy = Literal["best", "each"]

_AT_LEAST_1 = Rule((int,), "a whole number of at least 1", lambda value: value >= 1)
_AT_LEAST_0 = Rule((int,), "a whole number of at least 0", lambda value: value >= 0)
_ABOVE_0 = Rule((int, float), "a number above 0", lambda value: 0 < value < inf)
_TEXT = Rule((str,), "text", bool)


def _one_of(literal: object) -> Rule:
    valid = get_args(literal)
    return Rule((str,), f"one of {', '.join(valid)}", lambda value: value in valid)


_RULES = {
    "model": EMBEDDED_RULES["model"],
    "device": EMBEDDED_RULES["device"],
    "precision": EMBEDDED_RULES["dtype"],
    "threads": EMBEDDED_RULES["threads"],
    "output": Rule((str,), "the folder that the checkpoints are written to", bool),
    "data": Rule((str,), f'a JSONL file of prompt and solution, or "{HUMANEVAL}"', bool),
    "held_out": Rule(
        (str, float),
        'problems never to be trained on, such as "120-163", or a share of them above 0 and below 1',
        lambda value: bool(value) if isinstance(value, str) else 0 < value < 1,
    ),
    "validation": Rule((float,), "a share above 0 and below 1", lambda value: 0 < value < 1),
    "api": _one_of(Api),
    "strategy": _TEXT,
    "prompt_tail": _one_of(PromptTail),
    "virtual_tokens": _AT_LEAST_1,
    "initialization": _one_of(Initialization),
    "initialization_text": _TEXT,
    "epochs": _AT_LEAST_1,
    "batch_size": _AT_LEAST_1,
    "gradient_accumulation": _AT_LEAST_1,
    "learning_rate": _ABOVE_0,
    "warm_up": Rule((int, float), "a share of all steps, from 0 to 1", lambda value: 0 <= value <= 1),
    "max_gradient_norm": _ABOVE_0,
    "weight_decay": Rule((int, float), "a number of at least 0", lambda value: 0 <= value < inf),
    "seed": _AT_LEAST_0,
    "max_length": _AT_LEAST_1,
    "patience": _AT_LEAST_0,
    "checkpoints": _one_of(CheckpointPolicy),
}


@dataclass(frozen=True)
class TuningConfig:
    """All settings of a training; relative paths are relative to the configuration file's folder.

    Attributes:
        model: a folder, a name on the Hugging Face hub, or ``memoriser``.
        output: folder of the checkpoints.
        data: a JSONL file of prompt and solution, or ``humaneval``.
        held_out: problems of the dataset that are never trained on, in the form of ``--humaneval-tasks``, or
            a share of them. Must be given with ``humaneval`` and only then.
        validation: share of the training data that is not learned from, but decides which epoch is best.
        api: the API that the experiments will use.
        strategy: the prompt strategy that they will use.
        prompt_tail: how their prompts end.
        virtual_tokens: number of vectors to be learned.
        initialization: from random tokens of the ``vocabulary``, or from the tokens of a ``text``.
        epochs: most passes over all examples.
        batch_size: examples in a batch.
        gradient_accumulation: batches in a step.
        learning_rate: of AdamW, at its highest.
        warm_up: share of the steps in which it rises linearly; then it falls linearly.
        max_gradient_norm: a longer gradient is scaled down to it.
        weight_decay: of AdamW.
        seed: of the split, the initialization and the order.
        max_length: most virtual tokens, prompt tokens and solution tokens together.
        patience: epochs without a better validation loss after which training ends; 0: never.
        checkpoints: keep the ``best`` one only, or that of ``each`` epoch.
        device: torch's name for it; None: a GPU if there is one, else the CPU.
        precision: number format of the model; the vectors are learned in float32.
        threads: of the CPU; None: one for each core.
    """

    model: str
    output: str
    data: str
    strategy: str
    api: Api = "completion"
    held_out: str | float | None = None
    validation: float = 0.1
    prompt_tail: PromptTail = "keep"
    virtual_tokens: int = 20
    initialization: Initialization = "vocabulary"
    initialization_text: str | None = None
    epochs: int = 10
    batch_size: int = 8
    gradient_accumulation: int = 1
    learning_rate: float = 0.05
    warm_up: float = 0.05
    max_gradient_norm: float = 1.0
    weight_decay: float = 0.0
    seed: int = 0
    max_length: int = 1024
    patience: int = 3
    checkpoints: CheckpointPolicy = "best"
    device: str | None = None
    precision: str = "auto"
    threads: int | None = None

    @property
    def embedded(self) -> Embedded:
        """The model, as the settings of an experiment that runs it in this process."""
        return Embedded(
            self.model, device=self.device, dtype=cast("Any", self.precision), threads=self.threads
        )

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON data."""
        return asdict(self)


def read_config(path: Path) -> TuningConfig:
    """Return the configuration of a file.

    Raises:
        ConfigError: it cannot be read, or a key is unknown, missing or has an impossible value.
    """
    content = read_toml(path)
    check(content, _RULES, str(path))
    # The first four are those without a default.
    for field in fields(TuningConfig)[:4]:
        if field.name not in content:
            raise ConfigError(f"{path}: key {field.name!r} is missing; write {_RULES[field.name].expected}")
    _check_together(content, str(path))
    return TuningConfig(**content)


def _check_together(content: Mapping[str, Any], where: str) -> None:
    """Check keys that depend on each other."""
    if content["data"] == HUMANEVAL and "held_out" not in content:
        raise ConfigError(
            f"{where}: data = \"{HUMANEVAL}\" needs the key 'held_out', {_RULES['held_out'].expected}: "
            "only what training has not seen may be scored"
        )
    if content["data"] != HUMANEVAL and "held_out" in content:
        raise ConfigError(
            f'{where}, held_out: only data = "{HUMANEVAL}" holds problems out; remove the key '
            "(the key 'validation' splits the examples)"
        )
    is_text = content.get("initialization") == "text"
    if is_text != ("initialization_text" in content):
        raise ConfigError(
            f"{where}: initialization = \"text\" and the key 'initialization_text' go together; "
            "write both or none"
        )

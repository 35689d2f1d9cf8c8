"""An adapter's card: the model it belongs to, the problems it was trained on, those it may be scored on.

The card lies beside the two files of PEFT's format (``adapter_config.json``, ``adapter_model.safetensors``),
and is what these do not say. An adapter that was not trained here has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from pytest_humaneval.core.config.toml_schema import Rule, check
from pytest_humaneval.core.datasets.origin import origin, series
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

CARD = "humaneval_card.json"
"""File name of the card, in the adapter's folder."""

FORMAT = "pytest-humaneval adapter"

Method = Literal["prompt", "p-tuning", "prefix", "lora"]
"""The kinds of adapters: arXiv:2104.08691, arXiv:2103.10385, arXiv:2101.00190 and arXiv:2106.09685."""

_TEXT = Rule((str,), "text", bool)
_HASH = Rule((str,), "a SHA-256 in hex", lambda value: len(value) == 64)
_IDS = Rule((list,), "a list of task ids", lambda value: all(isinstance(task_id, str) for task_id in value))


@dataclass(frozen=True)
class CurvePoint:
    """A point of a training's curve.

    Attributes:
        step: steps of the optimizer so far.
        epoch: passes over the training data so far; a fraction within one.
        loss: mean of the training batches since the point before, in nats for each token; None at a
            validation.
        validation_loss: mean over the validation data, in nats for each token; None where there was none.
        learning_rate: that of the latest step.
    """

    step: int
    epoch: float
    loss: float | None = None
    validation_loss: float | None = None
    learning_rate: float | None = None


def is_point(value: object) -> bool:
    """Return whether a value of JSON data is a point of a curve."""
    names = {field.name for field in fields(CurvePoint)}
    return isinstance(value, dict) and {"step", "epoch"} <= value.keys() <= names and _are_numbers(value)


def _are_numbers(point: Mapping[str, object]) -> bool:
    return all(type(number) in (int, float) for number in point.values())


_RULES = {
    "format": Rule((str,), repr(FORMAT), lambda value: value == FORMAT),
    "method": Rule((str,), f"one of {', '.join(get_args(Method))}", lambda value: value in get_args(Method)),
    "model": _TEXT,
    "model_sha256": Rule((str, type(None)), "a SHA-256 in hex, or null"),
    "tokenizer_sha256": _HASH,
    "weights_sha256": _HASH,
    "config_sha256": _HASH,
    "trained_on": _IDS,
    "held_out": _IDS,
    "training": Rule((dict,), "a table"),
    "curve": Rule(
        (list,),
        f"a list of tables of numbers with the keys {', '.join(field.name for field in fields(CurvePoint))}",
        lambda value: all(map(is_point, value)),
    ),
}


@dataclass(frozen=True)
class AdapterCard:
    """What is known of an adapter beside PEFT's own files.

    Attributes:
        method: what kind of adapter it is.
        model: the model it was trained with: a folder, a name on the hub, or ``memoriser``.
        model_sha256: hash of that model's folder; None for a name on the hub.
        tokenizer_sha256: hash of the tokenizer's vocabulary.
        weights_sha256: hash of the content of ``adapter_model.safetensors``.
        config_sha256: hash of the content of ``adapter_config.json``.
        trained_on: task ids that were used in training, for learning or for choosing a checkpoint.
        held_out: task ids that were not used in training. Both are empty if the training data did not come
            from the dataset.
        training: settings and figures of the training, for a reader.
        curve: the losses of the training, in the order in which they were measured.
    """

    method: Method
    model: str
    model_sha256: str | None
    tokenizer_sha256: str
    weights_sha256: str
    config_sha256: str
    trained_on: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    training: Mapping[str, Any] | None = None
    curve: tuple[CurvePoint, ...] = ()

    def may_score(self, problem: Problem) -> bool:
        """Return whether a problem may be scored: after training on a dataset only held-out ones of it may.

        The problems of HumanEval are those of HumanEval+, HumanEvalFix and infilling as well, and those of
        MBPP are those of MBPP+, by the number in their ids; a dataset with other ids was not trained on.
        """
        task_id = origin(problem)
        return series(task_id) not in self._series or task_id in self.held_out

    @cached_property
    def _series(self) -> frozenset[str]:
        """What the ids say of the datasets that it was trained on."""
        task_ids = (*self.trained_on, *self.held_out) if self.trained_on else ()
        return frozenset(map(series, task_ids))

    def check_model(self, name: str, sha256: str | None) -> None:
        """Check that a model is the one of the training, by its folder's hash or its name on the hub.

        Raises:
            ConfigError: it is another one.
        """
        # The name decides where one of the two is on the hub, since only a folder's content is hashed.
        found, expected = (sha256, self.model_sha256) if sha256 and self.model_sha256 else (name, self.model)
        if found != expected:
            raise ConfigError(
                f"the adapter was trained with the model {self.model} ({expected}), "
                f"the experiment's is {name} ({found}); an adapter means nothing to another model"
            )

    def check_engine(self, tokenizer_sha256: str) -> None:
        """Check a loaded model's tokenizer against the one of the training.

        Raises:
            ConfigError: it has another vocabulary.
        """
        if tokenizer_sha256 != self.tokenizer_sha256:
            raise ConfigError(
                f"the adapter was trained with the tokenizer {self.tokenizer_sha256}, the model's is "
                f"{tokenizer_sha256} (SHA-256 of the vocabulary); take the model that it was trained with"
            )

    def to_json(self) -> str:
        """Return the content of the card's file."""
        content = {"format": FORMAT, **asdict(self), "training": dict(self.training or {})}
        curve = [
            {key: number for key, number in asdict(point).items() if number is not None}
            for point in self.curve
        ]
        return json.dumps({**content, "curve": curve}, indent=1) + "\n"


def read_card(path: Path) -> AdapterCard:
    """Return the card of a file.

    Raises:
        ConfigError: it cannot be read, or is no card.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: the adapter's card cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not an adapter's card ({error})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: found {type(content).__name__}, expected an object")
    check(content, _RULES, str(path))
    if missing := _RULES.keys() - content.keys():
        raise ConfigError(
            f"{path}: key {min(missing)!r} is missing; expected a card that training has written"
        )
    given = {field.name: content[field.name] for field in fields(AdapterCard)}
    given |= {name: tuple(given[name]) for name in ("trained_on", "held_out")}
    return AdapterCard(**{**given, "curve": tuple(CurvePoint(**point) for point in given["curve"])})

"""A soft prompt's card: the model it belongs to, the problems it was trained on, those it may be scored on.

A checkpoint is two files. The card (JSON) names the weights (safetensors), which hold one tensor of shape
(virtual tokens, width): vectors that are put before the token embeddings of every prompt.
Source: Lester et al. 2021, "The Power of Scale for Parameter-Efficient Prompt Tuning", arXiv:2104.08691.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from pytest_humaneval.core.config.embedded import Dtype
from pytest_humaneval.core.config.toml_schema import Rule, check
from pytest_humaneval.core.datasets.origin import origin, series
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

CARD = "soft_prompt.json"
"""File name of the card of a folder's best checkpoint."""

FORMAT = "pytest-humaneval soft prompt"

_TEXT = Rule((str,), "text", bool)
_HASH = Rule((str,), "a SHA-256 in hex", lambda value: len(value) == 64)
_COUNT = Rule((int,), "a whole number of at least 1", lambda value: value >= 1)
_IDS = Rule((list,), "a list of task ids", lambda value: all(isinstance(task_id, str) for task_id in value))
_RULES = {
    "format": Rule((str,), repr(FORMAT), lambda value: value == FORMAT),
    # A bare file name: a card from elsewhere must not make this process read any other file.
    "weights": Rule((str,), "the name of a file beside the card", lambda value: Path(value).name == value),
    "weights_sha256": _HASH,
    "virtual_tokens": _COUNT,
    "width": _COUNT,
    "dtype": Rule((str,), f"one of {', '.join(get_args(Dtype))}", lambda value: value in get_args(Dtype)),
    "model": _TEXT,
    "model_sha256": Rule((str, type(None)), "a SHA-256 in hex, or null"),
    "tokenizer_sha256": _HASH,
    "trained_on": _IDS,
    "held_out": _IDS,
    "training": Rule((dict,), "a table"),
}


@dataclass(frozen=True)
class SoftPromptCard:
    """The description of a soft prompt.

    Attributes:
        weights: name of the safetensors file, in the card's folder.
        weights_sha256: hash of that file's content.
        virtual_tokens: number of vectors.
        width: length of a vector: the model's hidden size.
        dtype: type of the numbers, and of the arithmetic in training.
        model: the model it was trained with: a folder, a name on the hub, or ``memoriser``.
        model_sha256: hash of that model's folder; None for a name on the hub.
        tokenizer_sha256: hash of the tokenizer's vocabulary.
        trained_on: task ids that were used in training, for learning or for choosing a checkpoint.
        held_out: task ids that were not used in training. Both are empty if the training data did not come
            from the dataset.
        training: settings and figures of the training, for a reader.
    """

    weights: str
    weights_sha256: str
    virtual_tokens: int
    width: int
    dtype: Dtype
    model: str
    model_sha256: str | None
    tokenizer_sha256: str
    trained_on: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    training: Mapping[str, Any] | None = None

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
                f"the soft prompt was trained with the model {self.model} ({expected}), "
                f"the experiment's is {name} ({found}); a soft prompt means nothing to another model"
            )

    def check_engine(self, width: int, tokenizer_sha256: str) -> None:
        """Check a loaded model against the one of the training.

        Raises:
            ConfigError: its vectors have another width, or its tokenizer another vocabulary.
        """
        if width != self.width:
            raise ConfigError(
                f"the soft prompt's vectors have the width {self.width}, the model's embeddings {width}; "
                "take the model that it was trained with"
            )
        if tokenizer_sha256 != self.tokenizer_sha256:
            raise ConfigError(
                f"the soft prompt was trained with the tokenizer {self.tokenizer_sha256}, the model's is "
                f"{tokenizer_sha256} (SHA-256 of the vocabulary); take the model that it was trained with"
            )

    def to_json(self) -> str:
        """Return the content of the card's file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"


@dataclass(frozen=True)
class SoftPrompt:
    """A soft prompt's card, and the path of the safetensors file that it names."""

    card: SoftPromptCard
    weights: Path


def read_soft_prompt(path: Path) -> SoftPrompt:
    """Return the best checkpoint of a folder, or the checkpoint of a card.

    Raises:
        ConfigError: there is none, or its card is invalid.
    """
    card = path / CARD if path.is_dir() else path
    try:
        content = json.loads(card.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{card}: the soft prompt's card cannot be read ({error.strerror}); name the folder that "
            "`python -m pytest_humaneval.tuning train` has written"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{card}: not a soft prompt's card ({error})") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{card}: found {type(content).__name__}, expected an object")
    check(content, _RULES, str(card))
    if missing := _RULES.keys() - content.keys():
        raise ConfigError(
            f"{card}: key {min(missing)!r} is missing; expected a card that training has written"
        )
    weights = card.with_name(content["weights"])
    if not weights.is_file():
        raise ConfigError(f"{card}: there is no {weights.name} beside it, which holds the vectors")
    return SoftPrompt(_card(content), weights)


def _card(content: Mapping[str, Any]) -> SoftPromptCard:
    given = {field.name: content[field.name] for field in fields(SoftPromptCard)}
    given |= {name: tuple(given[name]) for name in ("trained_on", "held_out")}
    return SoftPromptCard(**given)

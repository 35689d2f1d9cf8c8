"""Preparing a training: everything that a configuration names is found, checked and loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.placeholders import misfit
from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.config.soft_prompt_card import SoftPromptCard
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Request
from pytest_humaneval.evaluation.resolution import look_up
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.embedded.loading import Loaded, choose_device, choose_dtype, load
from pytest_humaneval.tuning.batches import EncodedExample, batches, encode
from pytest_humaneval.tuning.checkpoint import Checkpoints
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.examples import Examples, read_examples
from pytest_humaneval.tuning.state import STATE
from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt
from pytest_humaneval.tuning.training_loop import TrainingLoop

_MAY_CHANGE = ("output", "threads", "checkpoints")
"""Settings that may be others when a training is resumed: they do not change what is learned."""


@dataclass(frozen=True)
class Training:
    """A training, ready to run.

    Attributes:
        config: its settings.
        folder: where its checkpoints are.
        examples: all examples, split.
        loop: the training loop.
        notes: lines of text for the user, such as which solutions are cut.
    """

    config: TuningConfig
    folder: Path
    examples: Examples
    loop: TrainingLoop
    notes: tuple[str, ...]


def prepare(config: TuningConfig, seen_from: Path, restart: bool = False) -> Training:
    """Return the training of a configuration, ready to run.

    Args:
        config: its settings.
        seen_from: the folder that relative paths start at.
        restart: whether an earlier training in its output folder is deleted.

    Raises:
        ConfigError: something in it cannot be trained with, or the folder holds another training.
        ProviderError: the model cannot be loaded.
    """
    examples = read_examples(config, seen_from)
    request = _renderer(config, seen_from)
    embedded, model_sha256 = look_up(config.embedded, seen_from)
    # Before the model is loaded, which takes long.
    _check_precision(embedded)
    loaded = load(embedded)
    _check_model(config, loaded)
    end, pad = _end_and_padding(loaded)
    learned, validation = (
        encode(part, request, loaded.tokenizer, end, config)
        for part in (examples.learned, examples.validation)
    )
    folder = _open_folder(seen_from / Path(config.output).expanduser(), restart)
    card = _card(config, examples, loaded, embedded, model_sha256)
    loop = TrainingLoop(
        config,
        TrainablePrompt(loaded, config),
        learned,
        batches(validation, config.batch_size, pad),
        Checkpoints(folder, card, config.checkpoints == "each"),
        pad,
    )
    return Training(config, folder, examples, loop, tuple(_notes(config, [*learned, *validation])))


def _renderer(config: TuningConfig, seen_from: Path) -> Callable[[Problem], Request]:
    """Return what renders a problem as an experiment with this configuration would.

    Raises:
        ConfigError: there is no such strategy, or it asks for more than examples have.
    """
    # The user's own strategies first; the package's folder may be the same one.
    folders = list(dict.fromkeys([seen_from / "strategies", STRATEGIES]))
    strategy = read_strategy(folders, config.api, config.strategy)
    # An example has a prompt and a solution, neither a bug nor a gap.
    if reason := misfit(strategy.template, ()):
        raise ConfigError(f'strategy "{config.strategy}": {reason}')
    experiment = Experiment(
        "tuning", api=config.api, strategy=config.strategy, prompt_tail=config.prompt_tail
    )
    return ResolvedExperiment(experiment, strategy, ()).request


def _check_precision(embedded: Embedded) -> None:
    """Check that gradients can be computed on the device in the number format.

    Raises:
        ConfigError: float16 on a CPU.
        ProviderError: torch cannot use the device.
    """
    device = choose_device(embedded)
    if device.type == "cpu" and choose_dtype(embedded, device) == torch.float16:
        raise ConfigError(
            'precision = "float16" on the device "cpu": its gradients vanish or overflow there; '
            'write precision = "bfloat16" or "float32"'
        )


def _check_model(config: TuningConfig, loaded: Loaded) -> None:
    context = loaded.context_tokens
    if context is not None and config.max_length > context:
        raise ConfigError(
            f"max_length = {config.max_length} is more than the context of {config.model}, {context} tokens; "
            "write less"
        )
    if loaded.tokenizer.eos_token_id is None:
        raise ConfigError(f"the tokenizer of {config.model} has no token that ends a text (eos_token)")
    if config.api == "chat" and not loaded.tokenizer.chat_template:
        raise ConfigError(f'the model {config.model} has no chat template; write api = "completion"')


def _end_and_padding(loaded: Loaded) -> tuple[int, int]:
    end, pad = loaded.tokenizer.eos_token_id, loaded.tokenizer.pad_token_id
    # Padding has no label and is masked: any token will do.
    return end, end if pad is None else pad


def _open_folder(folder: Path, restart: bool) -> Path:
    # Only what is a training is deleted: the user may have named a folder of other things by mistake.
    if restart and (folder / STATE).exists():
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: {folder} cannot be written ({error.strerror})") from error
    return folder


def _card(
    config: TuningConfig, examples: Examples, loaded: Loaded, embedded: Embedded, model_sha256: str | None
) -> SoftPromptCard:
    settings = {name: value for name, value in config.to_json().items() if name not in _MAY_CHANGE}
    dtype = str(loaded.model.get_input_embeddings().weight.dtype).removeprefix("torch.")
    return SoftPromptCard(
        weights="",
        weights_sha256="",
        virtual_tokens=config.virtual_tokens,
        width=loaded.width,
        # One of the formats that load() knows.
        dtype=dtype,  # type: ignore[arg-type]
        # The memoriser's folder is another one on each machine; its name is known everywhere.
        model=config.model if config.model == "memoriser" else embedded.model,
        model_sha256=model_sha256,
        tokenizer_sha256=loaded.tokenizer_sha256,
        trained_on=examples.trained_on,
        held_out=examples.held_out,
        training={**settings, "data_sha256": examples.sha256},
    )


def _notes(config: TuningConfig, encoded: list[EncodedExample]) -> list[str]:
    cut = [example.task_id for example in encoded if example.is_cut]
    if not cut:
        return []
    return [f"{len(cut)} solutions are cut at max_length = {config.max_length} (first: {cut[0]})"]

"""Preparing a training: everything that a configuration names is found, checked and loaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator
from peft import PeftModel

from pytest_humaneval.core.config.adapter_card import AdapterCard
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.placeholders import misfit
from pytest_humaneval.core.config.shipped import PACKAGE, STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Request
from pytest_humaneval.evaluation.resolution import look_up
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.embedded.loading import Loaded, choose_device, choose_dtype, load
from pytest_humaneval.tuning.adapter import with_adapter
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.encoding import Encoded, collate, encode
from pytest_humaneval.tuning.examples import Examples, read_examples
from pytest_humaneval.tuning.memory import step_bytes
from pytest_humaneval.tuning.training import STATE, Training

_MAY_CHANGE = ("output", "threads")
"""Settings that may be others when a training is resumed: they do not change what is learned."""


def prepare(config: TuningConfig, seen_from: Path, restart: bool = False) -> tuple[Training, list[str]]:
    """Return the training of a configuration, ready to run, and lines of text about it for the user.

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
    accelerator = _accelerator(embedded)
    loaded = load(replace(embedded, device=str(accelerator.device)))
    _check_model(config, loaded)
    parts = [
        encode(part, request, loaded.tokenizer, loaded.tokenizer.eos_token_id, config)
        for part in (examples.learned, examples.validation)
    ]
    card = _card(config, examples, embedded, model_sha256, loaded.tokenizer_sha256)
    torch.manual_seed(config.seed)
    model = with_adapter(loaded, config, embedded.model, card.model)
    notes = _notes(config, model, parts)
    folder = seen_from / Path(config.output).expanduser()
    if accelerator.is_main_process:
        _open_folder(folder, restart)
    accelerator.wait_for_everyone()
    return Training(config, accelerator, model, (parts[0], parts[1]), card, folder), notes


def _card(
    config: TuningConfig,
    examples: Examples,
    embedded: Embedded,
    model_sha256: str | None,
    tokenizer_sha256: str,
) -> AdapterCard:
    """Return what is known of an adapter before training."""
    settings = {key: value for key, value in config.to_json().items() if key not in _MAY_CHANGE}
    return AdapterCard(
        config.method,
        # The folder of a shipped model is another one on each machine; its name is known everywhere.
        config.model if PACKAGE in Path(embedded.model).parents else embedded.model,
        model_sha256,
        tokenizer_sha256,
        weights_sha256="",
        config_sha256="",
        trained_on=examples.trained_on,
        held_out=examples.held_out,
        training={**settings, "data_sha256": examples.sha256},
    )


def _notes(config: TuningConfig, model: PeftModel, parts: Sequence[Sequence[Encoded]]) -> list[str]:
    both = sorted([*parts[0], *parts[1]], key=lambda example: len(example.prompt) + len(example.solution))
    batch = collate(both[-config.batch_size :])
    weights, step = step_bytes(model, {key: batch[key] for key in batch if key != "task_ids"})
    cut = sum(example.is_cut for example in both)
    return [
        f"{len(parts[0])} examples to learn from, {len(parts[1])} to validate with"
        + (f"; {cut} solutions are cut at max_length = {config.max_length}" if cut else ""),
        f"memory: {weights / 2**30:.2f} GiB for the weights, and up to {step / 2**30:.2f} GiB for a step",
    ]


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


def _accelerator(embedded: Embedded) -> Accelerator:
    """Return the devices of a training: the one that is named, else those that Accelerate was started with.

    Raises:
        ConfigError: float16 on a CPU.
        ProviderError: torch cannot use the device.
    """
    device = choose_device(embedded)
    is_float16 = choose_dtype(embedded, device) == torch.float16
    if is_float16 and device.type == "cpu":
        raise ConfigError(
            'precision = "float16" on the device "cpu": its gradients vanish or overflow there; '
            'write precision = "bfloat16" or "float32"'
        )
    if embedded.device:
        os.environ["ACCELERATE_TORCH_DEVICE"] = embedded.device
    # bfloat16 needs none of its means: the frozen weights are in it, PEFT keeps the adapter in float32.
    return Accelerator(cpu=device.type == "cpu", mixed_precision="fp16" if is_float16 else "no")


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


def _open_folder(folder: Path, restart: bool) -> None:
    # Only what is a training is deleted: the user may have named a folder of other things by mistake.
    if restart and (folder / STATE).exists():
        shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"output: {folder} cannot be written ({error.strerror})") from error

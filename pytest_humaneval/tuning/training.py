"""The training loop, on Accelerate: from the saved state to the end; it may be killed at any moment.

The state is the adapter, the optimizer and the curve. The order of an epoch and the dropout of a step depend
on the seed and their number alone, so what a killed training had done since its last saved state is done
again, bit by bit.
"""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from peft import PeftModel
from torch.utils.data import DataLoader

from pytest_humaneval.core.config.adapter_card import CARD, AdapterCard, CurvePoint, read_card
from pytest_humaneval.core.errors import ConfigError, TuningError
from pytest_humaneval.tuning.adapter import write_adapter
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.encoding import NO_LABEL, Encoded, collate, shuffled

STATE = "state.pt"

_SAVING_SHARE = 0.05
"""Share of the time that saving states may take: those of a large adapter are saved less often."""

_Batch = dict[str, Any]


class Training:
    """A training, ready to run.

    Attributes:
        curve: the points so far, one for each step and each validation.
        step: how many steps are done.
        steps: of all epochs together.
        validations: the validation loss before training, and after each epoch that is done.
        is_main: whether this process is the one of several that writes.
    """

    def __init__(
        self,
        config: TuningConfig,
        accelerator: Accelerator,
        model: PeftModel,
        examples: tuple[Sequence[Encoded], Sequence[Encoded]],
        card: AdapterCard,
        folder: Path,
    ) -> None:
        """Restore the state of the folder, if there is one; ``card`` says what must be the same in it.

        ``examples`` are those to learn from, and those whose loss decides which epoch is best.

        Raises:
            ConfigError: the state is that of another training, or cannot be read.
        """
        self._config, self._accelerator, self._card, self._folder = config, accelerator, card, folder
        self._adapter, self.is_main = model, accelerator.is_main_process
        self._weights = {name: part for name, part in model.named_parameters() if part.requires_grad}
        optimizer = torch.optim.AdamW(self._weights.values(), weight_decay=config.weight_decay)
        self._model, self._optimizer = accelerator.prepare(model, optimizer)
        self._learned, self._validation = examples[0], self._loader(examples[1])
        self._per_epoch = math.ceil(len(self._loader(examples[0])) / config.gradient_accumulation)
        self.steps, self._next_save_s = self._per_epoch * config.epochs, 0.0
        self.curve = self._restore(folder / STATE) if (folder / STATE).exists() else []
        self.step = sum(point.loss is not None for point in self.curve)
        self.validations = [p.validation_loss for p in self.curve if p.validation_loss is not None]

    @property
    def best_epoch(self) -> int:
        """The epoch with the least validation loss; 0 is before training."""
        return self.validations.index(min(self.validations))

    def run(self, report: Callable[[CurvePoint], None]) -> None:
        """Train to the end, and report each point of the curve.

        Raises:
            TuningError: a loss or gradient is not finite; the folder's adapter is the best one before it.
        """
        try:
            while not self._is_finished:
                if self.validations:
                    done = self.step - (len(self.validations) - 1) * self._per_epoch
                    for group in islice(self._groups(), done, None):
                        rate = self._learning_rate()
                        self._add(report, loss=self._learn(group, rate), learning_rate=rate)
                self._add(report, validation_loss=self._validate())
        except TuningError as error:
            best = f"epoch {self.best_epoch}" if self.validations else "no epoch"
            raise TuningError(
                f"step {self.step + 1}: {error}; training has stopped, the adapter of {best} is kept in "
                f'{self._folder}; write a smaller learning_rate, or precision = "float32", and --restart'
            ) from error
        if self.is_main:
            card = replace(read_card(self._folder / CARD), curve=tuple(self.curve))
            unfinished = self._folder / f".{CARD}"
            unfinished.write_text(card.to_json(), encoding="utf-8")
            unfinished.replace(self._folder / CARD)

    @property
    def _is_finished(self) -> bool:
        """Whether all epochs are done, or ``patience`` epochs have passed without a better one."""
        done, patience = len(self.validations) - 1, self._config.patience
        return done >= self._config.epochs or (done > 0 and 0 < patience <= done - self.best_epoch)

    def _loader(self, examples: Sequence[Encoded]) -> Any:  # noqa: ANN401
        loader = DataLoader(examples, self._config.batch_size, collate_fn=collate)
        return self._accelerator.prepare_data_loader(loader)

    def _groups(self) -> Iterator[list[_Batch]]:
        """Yield the batches of the next epoch, one list for each step."""
        batches = iter(self._loader(shuffled(self._learned, self._config.seed, len(self.validations))))
        while group := list(islice(batches, self._config.gradient_accumulation)):
            yield group

    def _learn(self, group: list[_Batch], learning_rate: float) -> float:
        """Make one step of the optimizer, and return the mean cross entropy of a label before it, in nats."""
        # For dropout; a prime apart, so that two seeds have no step in common.
        torch.manual_seed(self._config.seed * 1_000_003 + self.step)
        self._model.train()
        # Divided by the labels of all batches: each token counts alike, however batches are split.
        labels = self._accelerator.reduce(torch.stack([_labels(batch) for batch in group]).sum())
        loss = torch.zeros((), device=self._accelerator.device)
        for left, batch in zip(reversed(range(len(group))), group, strict=True):
            with self._accelerator.no_sync(self._model) if left else nullcontext():
                part = self._loss_sum(batch) / labels
                # Times their number, since the gradient is the mean over the devices.
                self._accelerator.backward(part * self._accelerator.num_processes)
            loss += part.detach()
        norm = self._accelerator.clip_grad_norm_(self._weights.values(), self._config.max_gradient_norm)
        task_ids = [task_id for batch in group for task_id in batch["task_ids"]]
        mean = _finite("loss", self._accelerator.reduce(loss), task_ids)
        # With a scaler (float16) a gradient may overflow: it leaves out that step, and scales less.
        if self._accelerator.scaler is None:
            _finite("gradient's norm", norm, task_ids)
        for options in self._optimizer.param_groups:
            options["lr"] = learning_rate
        self._optimizer.step()
        self._optimizer.zero_grad()
        return mean

    def _validate(self) -> float:
        """Return the mean cross entropy of a label, in nats; write the adapter if it is the least so far."""
        self._model.eval()
        sums = torch.zeros(2, device=self._accelerator.device)
        task_ids: list[str] = []
        for batch in self._validation:
            with torch.no_grad():
                loss = self._loss_sum(batch)
            sums += torch.stack([loss, _labels(batch)])
            task_ids += batch["task_ids"] if not torch.isfinite(loss) else []
        total, labels = self._accelerator.reduce(sums)
        mean = _finite("validation loss", total / labels, task_ids)
        if mean < min(self.validations, default=math.inf) and self.is_main:
            figures = {
                "epoch": len(self.validations),
                "steps": self.step,
                "validation_loss": mean,
                "untrained_validation_loss": (self.validations or [mean])[0],
            }
            card = replace(self._card, training={**(self._card.training or {}), **figures})
            write_adapter(self._adapter, self._folder, replace(card, curve=tuple(self.curve)))
        return mean

    def _loss_sum(self, batch: _Batch) -> torch.Tensor:
        arguments = {name: value for name, value in batch.items() if name != "task_ids"}
        # The model's own loss, the mean over its labels, in float32.
        return self._model(**arguments, use_cache=False).loss * _labels(batch)

    def _learning_rate(self) -> float:
        """Return that of the next step: it rises linearly to the highest, then falls linearly."""
        warm_up = int(self.steps * self._config.warm_up)
        if self.step < warm_up:
            return self._config.learning_rate * (self.step + 1) / warm_up
        return self._config.learning_rate * (self.steps - self.step) / (self.steps - warm_up)

    def _add(self, report: Callable[[CurvePoint], None], **figures: float) -> None:
        """Add a point to the curve, save the state and report it."""
        self.step += "loss" in figures
        self.curve.append(CurvePoint(self.step, self.step / self._per_epoch, **figures))
        if "validation_loss" in figures:
            self.validations.append(figures["validation_loss"])
            self._next_save_s = 0.0
        if time.monotonic() > self._next_save_s:
            self._save()
        report(self.curve[-1])

    def _save(self) -> None:
        started_s = time.monotonic()
        if self.is_main:
            unfinished = self._folder / f".{STATE}"
            torch.save(self._state() | {"curve": [asdict(point) for point in self.curve]}, unfinished)
            unfinished.replace(self._folder / STATE)
        self._next_save_s = started_s + (time.monotonic() - started_s) / _SAVING_SHARE

    def _state(self) -> dict[str, Any]:
        scaler = self._accelerator.scaler
        return {
            "settings": {"model_sha256": self._card.model_sha256, **(self._card.training or {})},
            "weights": {name: part.detach() for name, part in self._weights.items()},
            "optimizer": self._optimizer.state_dict(),
            "scaler": scaler.state_dict() if scaler else {},
        }

    def _restore(self, path: Path) -> list[CurvePoint]:
        again = "name another output, or write --restart"
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            curve = [CurvePoint(**point) for point in state["curve"]]
        except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
            raise ConfigError(f"{path}: not the state of a training; {again}") from error
        for key, now in self._state()["settings"].items():
            if (before := state["settings"].get(key)) != now:
                raise ConfigError(f"{path}: this is a training with {key} = {before!r}, not {now!r}; {again}")
        self._adapter.load_state_dict(state["weights"], strict=False)
        self._optimizer.load_state_dict(state["optimizer"])
        if self._accelerator.scaler:
            self._accelerator.scaler.load_state_dict(state["scaler"])
        return curve


def _labels(batch: _Batch) -> torch.Tensor:
    """Return how many labels a batch has."""
    return (batch["labels"] != NO_LABEL).sum()


def _finite(what: str, value: torch.Tensor, task_ids: list[str]) -> float:
    """Return a value that all devices have in common.

    Raises:
        TuningError: it is not finite; the text names the examples of all devices.
    """
    if not torch.isfinite(value):
        names = ", ".join(gather_object(task_ids))
        raise TuningError(f"the {what} is {value.item()} in the batch of {names}")
    return float(value)

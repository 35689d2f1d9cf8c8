"""The training loop: steps, validations and checkpoints, from the saved position to the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from pytest_humaneval.core.config.soft_prompt_card import CARD
from pytest_humaneval.core.errors import TuningError
from pytest_humaneval.tuning.batches import Batch, EncodedExample, batches, shuffled
from pytest_humaneval.tuning.checkpoint import Checkpoints
from pytest_humaneval.tuning.config import TuningConfig
from pytest_humaneval.tuning.curve import CURVE, Curve
from pytest_humaneval.tuning.curve_svg import curve_svg
from pytest_humaneval.tuning.state import replace_file, restore_state, save_state
from pytest_humaneval.tuning.trainable_prompt import TrainablePrompt

CURVE_SVG = "curve.svg"


@dataclass(frozen=True)
class StepReport:
    """What happened in one step, or in one validation.

    Attributes:
        step: number of steps done.
        epoch: of the step, from 1; 0 is the validation before the first step.
        tokens: that the step has learned from, prompts included; 0 for a validation.
        learning_rate: of the step; 0 for a validation.
        loss: of the step, in nats; None for a validation.
        validation_loss: in nats; None for a step.
        is_best: whether the validation loss is the least so far.
    """

    step: int
    epoch: int
    tokens: int
    learning_rate: float
    loss: float | None = None
    validation_loss: float | None = None
    is_best: bool = False


def learning_rate(step: int, steps: int, config: TuningConfig) -> float:
    """Return the learning rate of a step (from 0): rises linearly to the highest, then falls linearly."""
    warm_up = int(steps * config.warm_up)
    if step < warm_up:
        return config.learning_rate * (step + 1) / warm_up
    return config.learning_rate * (steps - step) / (steps - warm_up)


class TrainingLoop:
    """The loop of one training; :meth:`run` may be killed at any moment and resumed by another process.

    Attributes:
        steps: number of steps of all epochs together.
        position: how far it has come.
    """

    def __init__(
        self,
        config: TuningConfig,
        prompt: TrainablePrompt,
        learned: list[EncodedExample],
        validation: list[Batch],
        checkpoints: Checkpoints,
        pad: int,
    ) -> None:
        self._config, self._prompt, self._checkpoints = config, prompt, checkpoints
        self._learned, self._validation, self._pad = learned, validation, pad
        self._folder: Path = checkpoints.folder
        # What decides whether a saved state may be resumed from: other settings would be another training.
        self._identity = json.dumps(
            {"model_sha256": checkpoints.card.model_sha256, **(checkpoints.card.training or {})}
        )
        self._epoch_steps: tuple[int, list[list[Batch]]] = (0, [])
        self._per_epoch = len(self._steps_of(1))
        self.steps = self._per_epoch * config.epochs
        self.position = restore_state(self._folder, prompt, self._identity)

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done, or ``patience`` epochs have passed without a better one."""
        position, patience = self.position, self._config.patience
        is_stuck = patience > 0 and position.validated - position.best_epoch >= patience
        return position.validated >= self._config.epochs or is_stuck

    def run(self, report: Callable[[StepReport], None]) -> None:
        """Train to the end; ``report`` is called after each step and each validation.

        Raises:
            TuningError: a loss or gradient is not finite; state and checkpoints are those before it.
        """
        with closing(Curve(self._folder / CURVE, self.position.curve_lines)) as curve:
            try:
                while not self.is_finished:
                    done = self._validate(curve) if self._is_epoch_over else self._step(curve)
                    self.position.curve_lines = len(curve.points)
                    save_state(self._folder, self._prompt, self.position, self._identity)
                    report(done)
            except TuningError as error:
                raise TuningError(
                    f"step {self.position.step + 1}: {error}; training has stopped, "
                    f"{self._last_checkpoint()}; write a smaller learning_rate, or "
                    'precision = "float32", and --restart'
                ) from error
            finally:
                self._draw(curve)

    @property
    def _is_epoch_over(self) -> bool:
        """Whether a validation is due: after the last step of each epoch, and before the very first step."""
        return self.position.step == (self.position.validated + 1) * self._per_epoch

    def _steps_of(self, epoch: int) -> list[list[Batch]]:
        """Return an epoch's batches, one list for each step."""
        # Cached for one epoch: each of its steps asks for them.
        if self._epoch_steps[0] == epoch:
            return self._epoch_steps[1]
        size = self._config.gradient_accumulation
        ordered = batches(
            shuffled(self._learned, self._config.seed, epoch), self._config.batch_size, self._pad
        )
        steps = [ordered[start : start + size] for start in range(0, len(ordered), size)]
        self._epoch_steps = epoch, steps
        return steps

    def _step(self, curve: Curve) -> StepReport:
        position = self.position
        epoch = position.step // self._per_epoch + 1
        group = self._steps_of(epoch)[position.step % self._per_epoch]
        rate = learning_rate(position.step, self.steps, self._config)
        figures = self._prompt.step(group, rate)
        position.step += 1
        curve.add(
            step=position.step,
            epoch=epoch,
            loss=figures.loss,
            learning_rate=rate,
            gradient_norm=figures.gradient_norm,
        )
        tokens = sum(sum(map(sum, batch.is_real)) for batch in group)
        return StepReport(position.step, epoch, tokens, rate, loss=figures.loss)

    def _validate(self, curve: Curve) -> StepReport:
        position = self.position
        loss = self._prompt.mean_loss(self._validation)
        epoch = position.validated + 1
        is_best = position.best_loss is None or loss < position.best_loss
        if is_best:
            position.best_loss, position.best_epoch = loss, epoch
        curve.add(step=position.step, epoch=epoch, validation_loss=loss)
        figures = {
            "epoch": epoch,
            "steps": position.step,
            "validation_loss": loss,
            "untrained_validation_loss": curve.series("validation_loss")[0][1],
        }
        # In the model's number format, as an engine will join them to its embeddings.
        dtype = getattr(torch, self._checkpoints.card.dtype)
        self._checkpoints.write(epoch, self._prompt.vectors.detach().to(dtype), figures, is_best)
        position.validated = epoch
        self._draw(curve)
        return StepReport(position.step, epoch, 0, 0.0, validation_loss=loss, is_best=is_best)

    def _draw(self, curve: Curve) -> None:
        picture = curve_svg(
            f"soft prompt of {self._config.model}", curve.series("loss"), curve.series("validation_loss")
        )
        replace_file(self._folder / CURVE_SVG, picture.encode())

    def _last_checkpoint(self) -> str:
        if self.position.best_loss is None:
            return "before there was a checkpoint"
        return f"and the last good checkpoint is {self._folder / CARD} (epoch {self.position.best_epoch})"

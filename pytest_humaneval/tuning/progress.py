"""Printing the progress of a training: a line that is redrawn, and a line for each epoch that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_humaneval.reports.progress import ProgressLine

if TYPE_CHECKING:
    from pytest_humaneval.tuning.training_loop import StepReport

_BAR_CHARACTERS = 20


class ProgressPrinter:
    """Prints the reports of a training loop."""

    def __init__(self, steps: int, epochs: int, line: ProgressLine) -> None:
        self._steps, self._epochs, self._line = steps, epochs, line
        self._tokens = self._steps_done = 0
        self._losses: list[float] = []

    def print(self, report: StepReport) -> None:
        """Print a step in the line that is redrawn, or a validation in a line of its own."""
        if report.loss is not None:
            self._tokens += report.tokens
            self._steps_done += 1
            self._losses.append(report.loss)
            self._line.show(lambda elapsed_s: self.text(report, elapsed_s))
            return
        self._line.clear()
        training = f"loss {sum(self._losses) / len(self._losses):.4f}, " if self._losses else ""
        validation = f"validation loss {report.validation_loss:.4f}" + (" (best)" if report.is_best else "")
        print(f"epoch {report.epoch}/{self._epochs}: {training}{validation}")
        self._losses = []

    def text(self, report: StepReport, elapsed_s: float) -> str:
        """Return the line for a step: a bar, loss, learning rate, tokens a second, and the time left."""
        full = _BAR_CHARACTERS * report.step // self._steps
        # By the steps of this process alone: a resumed training has done others before.
        left_s = elapsed_s / self._steps_done * (self._steps - report.step)
        return (
            f"[{'#' * full}{'.' * (_BAR_CHARACTERS - full)}] step {report.step}/{self._steps}, "
            f"epoch {report.epoch}/{self._epochs}, loss {report.loss:.4f}, "
            f"learning rate {report.learning_rate:.2e}, {self._tokens / max(elapsed_s, 1e-9):,.0f} tokens/s, "
            f"about {left_s:.0f} s left"
        )

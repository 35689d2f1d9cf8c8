"""What is told of a training while it runs: a line that moves, and one that stays for each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_humaneval.reports.progress import ProgressLine

if TYPE_CHECKING:
    from pytest_humaneval.tuning.training_loop import StepReport

_BAR = 20


class ProgressPrinter:
    """Tells the reports of a loop."""

    def __init__(self, steps: int, epochs: int, line: ProgressLine) -> None:
        self._steps, self._epochs, self._line = steps, epochs, line
        self._tokens = self._done = 0
        self._losses: list[float] = []

    def tell(self, report: StepReport) -> None:
        """Tell one."""
        if report.loss is not None:
            self._tokens += report.tokens
            self._done += 1
            self._losses.append(report.loss)
            self._line.show(lambda elapsed_s: self.text(report, elapsed_s))
            return
        self._line.clear()
        learned = f"loss {sum(self._losses) / len(self._losses):.4f}, " if self._losses else ""
        validation = f"validation loss {report.validation_loss:.4f}" + (" (best)" if report.is_best else "")
        print(f"epoch {report.epoch}/{self._epochs}: {learned}{validation}")
        self._losses = []

    def text(self, report: StepReport, elapsed_s: float) -> str:
        """Return how far it is: a bar, loss, learning rate, tokens a second, and the time that is left."""
        full = _BAR * report.step // self._steps
        left_s = elapsed_s / self._done * (self._steps - report.step)
        return (
            f"[{'#' * full}{'.' * (_BAR - full)}] step {report.step}/{self._steps}, "
            f"epoch {report.epoch}/{self._epochs}, loss {report.loss:.4f}, "
            f"learning rate {report.learning_rate:.2e}, {self._tokens / max(elapsed_s, 1e-9):,.0f} tokens/s, "
            f"about {left_s:.0f} s left"
        )

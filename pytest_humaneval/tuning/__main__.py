"""The command line: ``python -m pytest_humaneval.tuning train CONFIG.toml``."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_humaneval.core.config.soft_prompt_card import CARD
from pytest_humaneval.core.errors import ConfigError, HumanEvalError, TuningError
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.tuning.config import read_config
from pytest_humaneval.tuning.progress import ProgressPrinter

if TYPE_CHECKING:
    from pytest_humaneval.tuning.prepare import Training

_LIBRARIES = ("torch", "transformers", "safetensors")


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return the exit status: 4 for a mistake in the input, 1 if training had to stop."""
    parser = argparse.ArgumentParser(prog="python -m pytest_humaneval.tuning", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "train", help="train a soft prompt, or resume a training that was interrupted"
    )
    command.add_argument("config", type=Path, metavar="CONFIG.toml")
    command.add_argument(
        "--restart", action="store_true", help="delete what the output folder holds, and start again"
    )
    settings = parser.parse_args(arguments)
    try:
        train(settings.config, settings.restart)
    except TuningError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except HumanEvalError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 4
    return 0


def train(path: Path, restart: bool) -> None:
    """Train the soft prompt of a configuration file, and print progress and results.

    Raises:
        ConfigError, ProviderError: nothing was trained; the text says why.
        TuningError: training had to stop.
    """
    config = read_config(path)
    # Checked first: the import takes seconds, and its error would not name the extra.
    for library in _LIBRARIES:
        if importlib.util.find_spec(library) is None:
            raise ConfigError(
                f'tuning needs {library}, which is not installed; run: pip install "pytest-humaneval[tuning]"'
            )
    from pytest_humaneval.tuning.prepare import prepare

    training = prepare(config, path.resolve().parent, restart)
    _print_plan(training)
    printer = ProgressPrinter(training.loop.steps, config.epochs, _progress_line())
    training.loop.run(printer.print)
    _print_result(training)


def _print_plan(training: Training) -> None:
    examples, loop = training.examples, training.loop
    print(
        f"{len(examples.learned)} examples to learn from, {len(examples.validation)} to validate with, "
        f"{len(examples.held_out)} problems held out; {loop.steps} steps"
    )
    for note in training.notes:
        print(note)
    if loop.position.step:
        print(f"resuming after step {loop.position.step}")


def _print_result(training: Training) -> None:
    position = training.loop.position
    print(
        f"best: epoch {position.best_epoch}, validation loss {position.best_loss:.4f}: "
        f"{training.folder / CARD}"
    )
    if training.examples.held_out:
        print(
            f"only what was held out may be scored: --humaneval-tasks={_ranges(training.examples.held_out)}"
        )


def _ranges(task_ids: Sequence[str]) -> str:
    """Return task ids in the form that ``--humaneval-tasks`` reads: ``0-3,7``."""
    numbers = [int(task_id.rpartition("/")[2]) for task_id in task_ids]
    firsts = [number for number in numbers if number - 1 not in numbers]
    lasts = [number for number in numbers if number + 1 not in numbers]
    spans = zip(firsts, lasts, strict=True)
    return ",".join(f"{first}-{last}" if first < last else str(first) for first, last in spans)


def _progress_line() -> ProgressLine:
    is_live = sys.stderr.isatty()
    # "\r" and CSI K (ECMA-48): back to the first column, erase up to the end of the line.

    def write(text: str) -> None:
        print(
            f"\r\x1b[K{text}" if is_live else text, end="" if is_live else "\n", file=sys.stderr, flush=True
        )

    return ProgressLine(write, is_live)


if __name__ == "__main__":
    sys.exit(main())

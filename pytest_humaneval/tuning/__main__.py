"""The command line: ``python -m pytest_humaneval.tuning train CONFIG.toml``, and ``convert OLD NEW``."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.config.adapter_card import CurvePoint
from pytest_humaneval.core.errors import ConfigError, HumanEvalError, TuningError
from pytest_humaneval.tuning.config import read_config

if TYPE_CHECKING:
    from tqdm import tqdm

_LIBRARIES = ("torch", "transformers", "safetensors", "peft", "accelerate")


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return the exit status: 4 for a mistake in the input, 1 if training had to stop."""
    settings = parser().parse_args(arguments)
    try:
        settings.run(settings)
    except HumanEvalError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1 if isinstance(error, TuningError) else 4
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = argparse.ArgumentParser(prog="python -m pytest_humaneval.tuning", description=__doc__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("train", help="train an adapter, or resume a training that was interrupted")
    command.add_argument(
        "config", type=Path, metavar="CONFIG.toml", help="the file of the training's settings"
    )
    command.add_argument("--restart", action="store_true", help="delete what the output folder holds before")
    command.set_defaults(run=lambda given: train(given.config, given.restart))
    command = commands.add_parser("convert", help="rewrite a soft prompt of the former format in PEFT's")
    command.add_argument("old", type=Path, help="its folder, or the card of one of its checkpoints")
    command.add_argument("new", type=Path, help="the folder to be written")
    command.set_defaults(run=lambda given: convert(given.old, given.new))
    return whole


def train(path: Path, restart: bool) -> None:
    """Train the adapter of a configuration file, and print progress and results.

    Raises:
        ConfigError, ProviderError: nothing was trained; the text says why.
        TuningError: training had to stop.
    """
    config = read_config(path)
    _check_libraries()
    from tqdm import tqdm

    from pytest_humaneval.tuning.prepare import prepare

    training, notes = prepare(config, path.resolve().parent, restart)
    # Of several devices, one speaks.
    if not training.is_main:
        training.run(lambda _: None)
        return
    print(*notes, sep="\n")
    if training.step:
        print(f"resuming after step {training.step}")

    # In a log, a line every ten seconds.
    every_s = 0.5 if sys.stderr.isatty() else 10.0
    with tqdm(total=training.steps, initial=training.step, mininterval=every_s, leave=False) as bar:
        training.run(lambda point: _show(point, bar))
    best = training.best_epoch
    print(
        f"best: epoch {best}, validation loss {training.validations[best]:.4f}: {path.parent / config.output}"
    )
    if isinstance(config.held_out, str):
        print(f"only what was held out may be scored: --humaneval-tasks={config.held_out}")


def _show(point: CurvePoint, bar: tqdm[Any]) -> None:
    if point.validation_loss is None:
        bar.set_postfix_str(f"loss {point.loss:.4f}", refresh=False)
        bar.update()
    else:
        bar.write(f"epoch {point.epoch:.0f}: validation loss {point.validation_loss:.4f}", file=sys.stdout)


def convert(old: Path, new: Path) -> None:
    """Rewrite a soft prompt of the former format in PEFT's.

    Raises:
        ConfigError: there is none, or the new folder holds something.
    """
    _check_libraries()
    from pytest_humaneval.tuning.convert import convert as run

    run(old, new)
    print(f"written: {new}")


def _check_libraries() -> None:
    # Checked first: the import takes seconds, and its error would not name the extra.
    for library in _LIBRARIES:
        if importlib.util.find_spec(library) is None:
            raise ConfigError(
                f'tuning needs {library}, which is not installed; run: pip install "pytest-humaneval[tuning]"'
            )


if __name__ == "__main__":
    sys.exit(main())

"""The post-processing of an experiment: names of steps, steps of plugins, a strategy's own function."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.strategy import Strategy
from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import Step
from pytest_humaneval.core.extraction.blindness import first_seen
from pytest_humaneval.core.extraction.steps import resolve


def steps_of(
    experiment: Experiment, strategy: Strategy | None, known: Mapping[str, Step]
) -> Sequence[str | Step]:
    """Return the steps that an experiment's answers go through, in order; ``known`` are those with a name.

    Raises:
        ConfigError: a name is unknown, a strategy's own function cannot be used, or a plugin's step is not
            what it claims to be.
    """
    if experiment.postprocess == "auto" and strategy is not None:
        if strategy.postprocess_file is not None:
            return [_own_step(strategy.postprocess_file)]
        if strategy.postprocess is not None:
            return _named_steps(strategy.postprocess, known)
    return _named_steps(experiment.postprocess, known)


def _named_steps(postprocess: str | Sequence[str], known: Mapping[str, Step]) -> Sequence[str | Step]:
    """Return the steps of a post-processing; those of plugins, which nobody else knows, themselves."""
    named = resolve(postprocess, known)
    for step in (known[name] for name in named):
        _check_blindness(step)
    return [known[name] if known[name].origin else name for name in named]


def _check_blindness(step: Step) -> None:
    """Refuse a plugin's step that claims to be blind to the problem and is not."""
    if not step.origin or step.kind != "format":
        return
    try:
        seen = first_seen(step, read_dataset().problems)
    except Exception as error:
        raise ConfigError(
            f"step {step.name!r} of {step.origin} failed on a canonical answer "
            f"({type(error).__name__}: {error})"
        ) from error
    if seen is not None:
        raise ConfigError(
            f"step {step.name!r} of {step.origin} is not blind: with other names in prompt and "
            f"answer of {seen} it does something else; "
            'register it with kind="repair"'
        )


def _own_step(path: Path) -> Step:
    """Load a strategy's own function; nobody has held it to blindness, so it counts as a repair."""
    spec = importlib.util.spec_from_file_location(f"humaneval_strategy_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"{path}: cannot be imported ({type(error).__name__}: {error})") from error
    if not callable(function := getattr(module, "postprocess", None)):
        raise ConfigError(f"{path}: has no function postprocess(text, stub)")
    return Step("postprocess.py", "repair", function, str(path))

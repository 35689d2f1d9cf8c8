"""Flags and ini values, and how they become one frozen Settings; what there is stands in ``option_table``.

Every flag ``--humaneval-NAME`` but those that name what to run has two twins: ``HUMANEVAL_NAME`` in the
environment and ``humaneval_NAME`` in the ini file. The command line wins, then the environment. Paths are
relative to where pytest was called, in the ini file to that file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.session.option_table import EXPERIMENT, INSTEAD, OPTIONS, SWITCHES, Option
from pytest_humaneval.session.option_types import RefusedError


def add_options(parser: pytest.Parser) -> None:
    """Declare the flags and their ini twins."""
    group = parser.getgroup("humaneval", "HumanEval evaluation")
    group.addoption(
        "--humaneval-experiment",
        action="append",
        default=[],
        metavar="NAME",
        help=EXPERIMENT,
    )
    for name, help_text in {**SWITCHES, **INSTEAD}.items():
        group.addoption(f"--humaneval-{name}", action="store_true", help=help_text)
    for option in OPTIONS:
        bare = {} if option.default is None else {"nargs": "?", "const": option.default}
        group.addoption(f"--humaneval-{option.name}", metavar=option.metavar, help=option.help, **bare)
        if option.ini:
            parser.addini(option.ini_name, help=option.help.replace("%%", "%"))


def asked_command(config: pytest.Config) -> str | None:
    """Return which command is to run instead of the suite; None if none is."""
    commands = [
        name for name in (*INSTEAD, "replay") if config.getoption(f"--humaneval-{name}") not in (None, False)
    ]
    return commands[0] if commands else None


def is_asked_for(config: pytest.Config) -> bool:
    """Whether this pytest run has to do with HumanEval at all; cheap, since every run asks."""
    option = config.option
    # An empty path counts: an unset shell variable must not turn an evaluation into a green run of nothing.
    is_scoring = option.humaneval_samples is not None
    return bool(option.humaneval_experiment or is_scoring or option.humaneval_list)


def read_settings(config: pytest.Config) -> Settings:
    """Return the flags and ini values as one record.

    Raises:
        pytest.UsageError: a value cannot be used; one line names it, what was found and what is expected.
    """
    given = {option.field: _value(config, option) for option in OPTIONS}
    values = {field: value for field, value in given.items() if value is not None}
    values.setdefault("jobs", 1 if hasattr(config, "workerinput") else None)
    return Settings(
        rootdir=_project_folder(config),
        experiments=tuple(config.option.humaneval_experiment),
        ablate=config.option.humaneval_ablate,
        debug=config.option.humaneval_debug,
        serve=config.option.humaneval_serve,
        dry_run=config.option.humaneval_dry_run,
        allow_subset=config.option.humaneval_allow_subset,
        **values,
    )


def _project_folder(config: pytest.Config) -> Path:
    """Return pytest's rootdir, or the current folder where nothing but that could have decided it.

    Looking for its rootdir, pytest takes the value of ``--humaneval-samples PATH`` for a path to collect.
    """
    given = config.inipath or config.option.rootdir
    is_by_path = config.args_source is pytest.Config.ArgsSource.ARGS
    return config.rootpath if given or is_by_path else config.invocation_params.dir


def _value(config: pytest.Config, option: Option) -> Any:  # noqa: ANN401 (as many types as there are options)
    flag, base = f"--humaneval-{option.name}", config.invocation_params.dir
    text = config.getoption(flag)
    if text is None and option.ini and (text := os.environ.get(option.ini_name.upper())) is not None:
        flag = option.ini_name.upper()
    if text is None and option.ini and (text := str(config.getini(option.ini_name) or "") or None):
        flag, base = option.ini_name, config.inipath.parent if config.inipath else config.rootpath
    if text is None:
        return None
    try:
        value = option.parse(text)
    except RefusedError as expected:
        raise pytest.UsageError(f"{flag}: found {text!r}, expected {expected}") from None
    if isinstance(value, dict):
        return {name: base / path.expanduser() for name, path in value.items()}
    return base / value.expanduser() if isinstance(value, Path) else value

"""The command line's arguments: what was typed, what names the suite, and hints for what is missing.

Every pytest run loads this, so it imports nothing of the package.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
from pathlib import Path

import pytest

NODE = "humaneval"
"""The suite's node id, and the argument that names it beside other paths."""

_GATES = ("fail-under", "baseline")
# Paths, -k, -m and --lf, under the names that pytest keeps them by.
_SELECTIONS = ("file_or_dir", "keyword", "markexpr", "lf")
# test_problem[EXPERIMENT-DATASET/NUMBER-ENTRY_POINT]
_EXPERIMENT = re.compile(r"\[([\w.-]+(?:\[[^\]]*\])?)-\w+/")
_LIST = "pytest --humaneval-list shows the names"


def typed_arguments(config: pytest.Config) -> argparse.Namespace:
    """Return what was typed, without what the ini file's addopts and PYTEST_ADDOPTS add to it."""
    # A second look at --help would end the run in the middle; nothing depends on its other arguments.
    if config.option.help:
        # The first one has ended before pytest took the paths.
        return argparse.Namespace(**{"file_or_dir": [], **vars(config.option)})
    return config._parser.parse_known_args(config.invocation_params.args)


def suite_arguments(config: pytest.Config) -> tuple[str, ...]:
    """Return the arguments that name the suite or items of it, wherever they come from."""
    return tuple(arg for arg in config.args if arg.split("::")[0] == NODE and not Path(arg).exists())


def names_what_to_run(typed: argparse.Namespace) -> bool:
    """Return whether an experiment was typed, or a samples file."""
    return bool(typed.humaneval_experiment) or typed.humaneval_samples is not None


def may_leave_problems_out(typed: argparse.Namespace) -> bool:
    """Return whether it is no mistake that a run has no problem in it.

    So where a selection was typed, and nothing that asks for problems or a score.
    """
    # Without its plugin (-p no:cacheprovider) a flag is unknown.
    is_selection = any(getattr(typed, name, None) for name in _SELECTIONS)
    has_gate = any(getattr(typed, _dest(name)) is not None for name in _GATES)
    return is_selection and not names_what_to_run(typed) and not has_gate


def refuse_without_experiment(config: pytest.Config) -> None:
    """Give a hint where a problem or a gate was typed, and no experiment is named.

    Raises:
        pytest.UsageError: so it is; the line says what to add.
    """
    for arg in suite_arguments(config):
        raise pytest.UsageError(f"{arg}: no experiment is named; add {_flag_of(arg)}")
    typed = typed_arguments(config)
    if typed.humaneval_dry_run:
        raise pytest.UsageError(
            f"--humaneval-dry-run: no experiment is named; add --humaneval-experiment=NAME ({_LIST})"
        )
    for name in _GATES:
        if getattr(typed, _dest(name)) is not None:
            raise pytest.UsageError(
                f"--humaneval-{name}: no experiment is named whose score it could judge; "
                f"add --humaneval-experiment=NAME ({_LIST})"
            )


def idle_gate(config: pytest.Config) -> str | None:
    """Return a line for the header where addopts, environment or ini file have a gate, and no experiment."""
    for name in _GATES:
        ini = _dest(name)
        if config.getoption(ini) is not None or os.environ.get(ini.upper()) or config.getini(ini):
            return f"humaneval: no experiment is named, so the gate ({name}) is not asked"
    return None


def _flag_of(arg: str) -> str:
    """Return the flag without which a node id of the suite is unknown."""
    found = _EXPERIMENT.search(arg)
    if found and found[1] == "samples":
        return "--humaneval-samples=PATH"
    # The name of a study's experiment has brackets, which a shell reads as a pattern.
    return (
        shlex.quote(f"--humaneval-experiment={found[1]}")
        if found
        else f"--humaneval-experiment=NAME ({_LIST})"
    )


def _dest(name: str) -> str:
    """Return the name under which pytest keeps a flag's value, which is its twin's in the ini file, too."""
    return f"humaneval_{name.replace('-', '_')}"

"""Flags and ini values: what there is, what it means, and how it becomes one frozen Settings.

Every flag ``--humaneval-NAME`` but those that name what to run has two twins: ``HUMANEVAL_NAME`` in the
environment and ``humaneval_NAME`` in the ini file. The command line wins, then the environment. Paths are
relative to where pytest was called, in the ini file to that file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.session import option_types as values


@dataclass(frozen=True)
class _Option:
    """One flag and the field of Settings it fills."""

    name: str
    metavar: str
    help: str
    field: str
    parse: Callable[[str], Any] = str
    ini: bool = True


_OPTIONS = (
    _Option(
        "config",
        "PATH",
        "experiments file (default: experiments.toml of the rootdir, else of this folder or above it in the "
        "checkout, else the one shipped in the package)",
        "config",
        Path,
    ),
    _Option(
        "tasks",
        "SPEC",
        "just these problems: 17, 0-9,32, HumanEval/17, or an entry point's name",
        "tasks",
        ini=False,
    ),
    _Option("max-problems", "N", "just the first N problems", "max_problems", values.count, ini=False),
    _Option("dataset", "PATH", "another file in the HumanEval schema, JSONL or JSONL.gz", "dataset", Path),
    _Option("samples", "PATH", "score recorded samples instead of generating", "samples", Path, ini=False),
    _Option(
        "samples-field",
        "F",
        "which text of a samples file to score: raw, completion or solution (default: the first a line has)",
        "samples_field",
        values.field,
    ),
    _Option("save-samples", "PATH", "write every sample as JSONL", "save_samples", Path),
    _Option("n", "N", "samples per problem, overrides the experiment's n", "n", values.count),
    _Option(
        "k", "K", "the k of pass@k to report, such as 1,10; overrides the experiment's k", "k", values.counts
    ),
    _Option(
        "timeout",
        "S",
        "CPU time limit for one candidate, in seconds (default: 3)",
        "timeout_s",
        values.seconds,
    ),
    _Option(
        "sandbox",
        "WHERE",
        "where candidates are judged: forkserver (default), forkserver-numpy, oneshot, ray or ray://HOST:PORT",
        "sandbox",
    ),
    _Option(
        "isolation",
        "HOW",
        "auto: every layer of isolation that this machine has; strict: all or no run; basic: limits only",
        "isolation",
        values.isolation,
    ),
    _Option(
        "jobs",
        "N",
        "candidates executed at once, with Ray on each node (default: all cores, 1 in an xdist worker)",
        "jobs",
        values.count,
    ),
    _Option("base-url", "URL", "overrides the experiment's server", "base_url", values.url),
    _Option(
        "cache",
        "WHERE",
        "completion store: a folder, redis://..., or off (default: .humaneval_cache of the rootdir)",
        "cache",
    ),
    _Option("report", "PATH", "write the JSON report", "report", Path),
    _Option("html", "PATH", "write the HTML report: one self-contained file", "html", Path),
    _Option(
        "fail-under",
        "X",
        "gate: pass@1 of each experiment must be at least X (0..1, or 54%%)",
        "fail_under",
        values.share,
    ),
    _Option(
        "baseline",
        "WHAT",
        "gate and comparison against a saved baseline (its name) or an earlier JSON report (its path)",
        "baseline",
        values.baseline,
    ),
    _Option(
        "save-baseline",
        "NAME",
        "keep the report as a baseline of this name, unless the gate does not hold",
        "save_baseline",
        values.baseline_name,
    ),
    _Option(
        "baselines",
        "FOLDER",
        "where baselines are kept (default: .humaneval_baselines of the rootdir)",
        "baselines",
        Path,
    ),
    _Option(
        "replay",
        "REPORT",
        "execute a report's own programs again and compare the verdicts, then exit",
        "replay",
        Path,
        ini=False,
    ),
)


INSTEAD = {
    "selftest": "check the harness itself before spending a GPU minute, then exit",
    "doctor": "check the servers that the experiments ask, each finding with a remedy, then exit",
    "init": "write an experiments file, a strategy and a CI workflow into this folder, then exit",
}
"""Flags that run something of their own instead of the suite."""

_SWITCHES = {
    "list": "list the experiments of the experiments file and exit",
    "ablate": "replay the completions through every post-processing, and each without each of its steps",
    "debug": "run what failed once more in this very process, WITHOUT the sandbox, under pytest's --pdb",
    "serve": "start the model servers that the experiments use, where none answers, and stop them at the end",
    "allow-subset": "let --humaneval-save-baseline save a run of just some of the problems",
}
"""Flags without a value, and their help."""

OPTION_NAMES = ("experiment", *_SWITCHES, *INSTEAD, *(each.name for each in _OPTIONS))
"""What the flags are called, without their common beginning."""


def add_options(parser: pytest.Parser) -> None:
    """Declare the flags and their ini twins."""
    group = parser.getgroup("humaneval", "HumanEval evaluation")
    group.addoption(
        "--humaneval-experiment",
        action="append",
        default=[],
        metavar="NAME",
        help="run these experiments: repeatable, comma lists, shell globs, 'all' = every enabled one; named "
        "in addopts they run beside the project's own tests, typed without a path they run alone",
    )
    for name, help_text in {**_SWITCHES, **INSTEAD}.items():
        group.addoption(f"--humaneval-{name}", action="store_true", help=help_text)
    for option in _OPTIONS:
        group.addoption(f"--humaneval-{option.name}", metavar=option.metavar, help=option.help)
        if option.ini:
            parser.addini(_ini_name(option), help=option.help.replace("%%", "%"))


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
    given = {option.field: _value(config, option) for option in _OPTIONS}
    values = {field: value for field, value in given.items() if value is not None}
    values.setdefault("jobs", 1 if hasattr(config, "workerinput") else None)
    return Settings(
        rootdir=_project_folder(config),
        experiments=tuple(config.option.humaneval_experiment),
        ablate=config.option.humaneval_ablate,
        debug=config.option.humaneval_debug,
        serve=config.option.humaneval_serve,
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


def _value(config: pytest.Config, option: _Option) -> Any:  # noqa: ANN401 (as many types as there are options)
    flag, base = f"--humaneval-{option.name}", config.invocation_params.dir
    text = config.getoption(flag)
    if text is None and option.ini and (text := os.environ.get(_ini_name(option).upper())) is not None:
        flag = _ini_name(option).upper()
    if text is None and option.ini and (text := str(config.getini(_ini_name(option)) or "") or None):
        flag, base = _ini_name(option), config.inipath.parent if config.inipath else config.rootpath
    if text is None:
        return None
    try:
        value = option.parse(text)
    except values.RefusedError as expected:
        raise pytest.UsageError(f"{flag}: found {text!r}, expected {expected}") from None
    return base / value.expanduser() if isinstance(value, Path) else value


def _ini_name(option: _Option) -> str:
    return f"humaneval_{option.name.replace('-', '_')}"

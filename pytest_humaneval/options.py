"""Flags and ini values: what there is, what it means, and how it becomes one frozen Settings.

Every flag ``--humaneval-NAME`` but those that name what to run has a twin ``humaneval_NAME`` in the ini file;
the command line wins. Paths are relative to where pytest was called, in the ini file to that file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.settings import ISOLATIONS, Settings
from pytest_humaneval.core.url import is_http_url

_LONGEST_TIMEOUT_S = 3600


class _RefusedError(ValueError):
    """A value that cannot be used; the text says what was expected."""


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise _RefusedError("a whole number of at least 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_TIMEOUT_S:
        raise _RefusedError(f"a number of seconds above 0, at most {_LONGEST_TIMEOUT_S}")
    return seconds


def _share(text: str) -> float:
    number, is_percentage = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        share = float(number) / (100 if is_percentage else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise _RefusedError("a score from 0 to 1, or a percentage such as 54%")
    return share


def _field(text: str) -> str:
    if text not in ("raw", "completion", "solution"):
        raise _RefusedError("one of raw, completion, solution")
    return text


def _url(text: str) -> str:
    if not is_http_url(text):
        raise _RefusedError("a URL such as http://localhost:8001/v1")
    return text


def _isolation(text: str) -> str:
    if text not in ISOLATIONS:
        raise _RefusedError(f"one of {', '.join(ISOLATIONS)}")
    return text


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
        "experiments file (default: experiments.toml of the rootdir, else the one shipped in the package)",
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
    _Option("max-problems", "N", "just the first N problems", "max_problems", _count, ini=False),
    _Option("dataset", "PATH", "another file in the HumanEval schema, JSONL or JSONL.gz", "dataset", Path),
    _Option("samples", "PATH", "score recorded samples instead of generating", "samples", Path, ini=False),
    _Option(
        "samples-field",
        "F",
        "which text of a samples file to score: raw, completion or solution (default: the first a line has)",
        "samples_field",
        _field,
    ),
    _Option("save-samples", "PATH", "write every sample as JSONL", "save_samples", Path),
    _Option("n", "N", "samples per problem, overrides the experiment's n", "n", _count),
    _Option(
        "timeout", "S", "CPU time limit for one candidate, in seconds (default: 3)", "timeout_s", _seconds
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
        _isolation,
    ),
    _Option(
        "jobs",
        "N",
        "candidates executed at once, with Ray on each node (default: all cores, 1 in an xdist worker)",
        "jobs",
        _count,
    ),
    _Option("base-url", "URL", "overrides the experiment's server", "base_url", _url),
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
        _share,
    ),
    _Option("baseline", "PATH", "gate and comparison against an earlier JSON report", "baseline", Path),
)


OPTION_NAMES = ("experiment", "list", "ablate", "debug", "serve", *(option.name for option in _OPTIONS))
"""What the flags are called, without their common beginning."""


def add_options(parser: pytest.Parser) -> None:
    """Declare the flags and their ini twins."""
    group = parser.getgroup("humaneval", "HumanEval evaluation")
    group.addoption(
        "--humaneval-experiment",
        action="append",
        default=[],
        metavar="NAME",
        help="run these experiments: repeatable, comma lists, shell globs, 'all' = every enabled one",
    )
    group.addoption(
        "--humaneval-list", action="store_true", help="list the experiments of the experiments file and exit"
    )
    group.addoption(
        "--humaneval-ablate",
        action="store_true",
        help="replay the run's completions through every post-processing, and each without each of its steps",
    )
    group.addoption(
        "--humaneval-debug",
        action="store_true",
        help="run what failed once more in this very process, WITHOUT the sandbox, under pytest's --pdb",
    )
    group.addoption(
        "--humaneval-serve",
        action="store_true",
        help="start the model servers that the experiments ask, where none answers, and stop them at the end",
    )
    for option in _OPTIONS:
        group.addoption(f"--humaneval-{option.name}", metavar=option.metavar, help=option.help)
        if option.ini:
            parser.addini(_ini_name(option), help=option.help.replace("%%", "%"))


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
        list_experiments=config.option.humaneval_list,
        ablate=config.option.humaneval_ablate,
        debug=config.option.humaneval_debug,
        serve=config.option.humaneval_serve,
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
    if text is None and option.ini and (text := str(config.getini(_ini_name(option)) or "") or None):
        flag, base = _ini_name(option), config.inipath.parent if config.inipath else config.rootpath
    if text is None:
        return None
    try:
        value = option.parse(text)
    except _RefusedError as expected:
        raise pytest.UsageError(f"{flag}: found {text!r}, expected {expected}") from None
    return base / value.expanduser() if isinstance(value, Path) else value


def _ini_name(option: _Option) -> str:
    return f"humaneval_{option.name.replace('-', '_')}"

"""The page of the commands, from their parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from pytest_humaneval.server import __main__ as server
from pytest_humaneval.session import console
from pytest_humaneval.tuning import __main__ as tuning
from reference_pages.markdown import code, page, sentence, table

_INTRO = "The commands beside pytest. Each has `--help`."

_PROGRAMS = (
    (
        "pytest-humaneval",
        console.parser(),
        "Everything except test runs. A command that is also a flag of pytest does the same as the flag. `compare`, "
        "`html` and `history` work on JSON reports that exist, and need neither model nor network. Exit status: 0 "
        "all is well, 1 it is not, 4 a usage error, 6 undecided.",
    ),
    (
        "python -m pytest_humaneval.server",
        server.parser(),
        "Starts, stops and watches the model servers of experiments.toml. Exit status: 0 all is well, 1 a failure, 3 "
        "(of `status`) no answer, 4 a usage error, 130 interrupted.",
    ),
    (
        "python -m pytest_humaneval.tuning",
        tuning.parser(),
        "Trains adapters; needs the extra `tuning`. See [the file of a training](adapter_training.md). Exit status: 0 "
        "all is well, 1 the training had to stop, 4 a mistake in the input.",
    ),
)


def commands() -> str:
    """Return the page."""
    blocks = [_INTRO]
    for program, parser, text in _PROGRAMS:
        blocks += [f"## {program}", text, *_commands(program, parser)]
    return page("Commands", *blocks)


def _commands(program: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    subparsers = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    summaries = {action.dest: action.help or "" for action in subparsers._choices_actions}
    for name, command in subparsers.choices.items():
        arguments = [action for action in command._actions if action.dest != "help"]
        usage = " ".join([program, name, *map(_usage, arguments)])
        yield f"### `{program.rpartition('.')[2]} {name}`"
        yield code(usage)
        yield sentence(summaries[name].replace("%%", "%"))
        if arguments:
            rows = [(code(_name(action)), _help(action)) for action in arguments]
            yield table(("argument", "meaning"), rows)


def _name(action: argparse.Action) -> str:
    shown = str(action.metavar or action.dest)
    if action.choices is not None:
        shown = "{" + ",".join(map(str, action.choices)) + "}"
    if not action.option_strings:
        return shown
    value = f" {shown}" if action.nargs != 0 else ""
    return f"{', '.join(action.option_strings)}{value}"


def _usage(action: argparse.Action) -> str:
    shown = _name(action).rpartition(", ")[2]
    if action.nargs == "+":
        shown += " ..."
    return shown if action.required else f"[{shown}]"


def _help(action: argparse.Action) -> str:
    return sentence((action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%"))

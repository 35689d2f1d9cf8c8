"""The command line ``pytest-humaneval``: all that is not a test run.

A command that is a flag of pytest, too, is carried out by pytest with that flag, so that both do the same,
and find the same plugins, conftest.py and ini file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from pytest_humaneval.commands.compare import ReportPair, run_compare
from pytest_humaneval.commands.history import run_history
from pytest_humaneval.commands.html import run_html
from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.session.option_table import INSTEAD, OPTIONS, SWITCHES

_USAGE_ERROR = int(pytest.ExitCode.USAGE_ERROR)

_FLAGS: Mapping[str, tuple[str, ...]] = {
    "init": (),
    "list": ("config",),
    "doctor": ("config", "base-url", "dataset", "datasets"),
    "dry-run": (
        *("config", "tasks", "max-problems", "dataset", "datasets", "n", "base-url", "cache", "max-cost"),
    ),
    "selftest": ("dataset", "datasets", "sandbox", "isolation", "jobs"),
    "replay": ("dataset", "datasets", "sandbox", "isolation", "jobs", "timeout", "memory"),
}
"""Commands that are flags of pytest, too, and which other flags they take."""

_OPTIONS = {option.name: option for option in OPTIONS}
_HELP = {**SWITCHES, **INSTEAD, "replay": _OPTIONS["replay"].help}


class _Parser(argparse.ArgumentParser):
    """Ends with one line and the exit status of pytest where an argument is wrong."""

    def error(self, message: str) -> NoReturn:
        """Print the line, and exit."""
        print(f"ERROR: {self.prog}: {visible(message)}; see {self.prog} --help", file=sys.stderr)
        sys.exit(_USAGE_ERROR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status, which means the same as pytest's."""
    given = parser().parse_args(arguments)
    if given.command in _FLAGS:
        # By name: where plugins are not loaded by themselves, this one still is. It is imported already, of
        # which pytest would warn: no assertion of this package is to be rewritten.
        quiet = "-Wignore::pytest.PytestAssertRewriteWarning"
        return int(pytest.main(["-p", "humaneval", quiet, *_pytest_arguments(given)]))
    try:
        return _run(given)
    except HumanEvalError as error:
        print(f"ERROR: {visible(str(error))}", file=sys.stderr)
        return _USAGE_ERROR


def _run(given: argparse.Namespace) -> int:
    """Run a command that needs no pytest."""
    if given.command == "compare":
        return run_compare(ReportPair(given.baseline, given.newer, given.dataset), given.html, _print_line)
    if given.command == "html":
        return run_html(given.reports, given.output, given.dataset, _print_line)
    return run_history(given.folder, given.html, _print_line)


def _print_line(line: str) -> None:
    print(visible(line))


def _pytest_arguments(given: argparse.Namespace) -> list[str]:
    values = {name: getattr(given, name) for name in _FLAGS[given.command]}
    command = f"--humaneval-{given.command}"
    return [
        f"{command}={given.report}" if given.command == "replay" else command,
        *(f"--humaneval-experiment={name}" for name in getattr(given, "experiments", ())),
        *(f"--humaneval-{name}={value}" for name, value in values.items() if value is not None),
    ]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = _Parser(
        "pytest-humaneval",
        allow_abbrev=False,
        description="Everything except test runs; to run experiments: pytest --humaneval-experiment=NAME.",
        epilog="Exit status: 0 all is well, 1 it is not, 4 a usage error, 6 undecided. "
        "pytest-humaneval COMMAND --help describes a command.",
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, options in _FLAGS.items():
        summary = _HELP[name].removesuffix(" and exit").removesuffix(", then exit")
        command = _add(commands, name, summary)
        _add_positional(command, name)
        for each in options:
            option = _OPTIONS[each]
            command.add_argument(f"--{each}", metavar=option.metavar, help=option.help, dest=each)
    _add_compare(_add(commands, "compare", "compare two JSON reports by an exact paired test"))
    _add_html(_add(commands, "html", "write an HTML report from JSON reports"))
    _add_history(_add(commands, "history", "show pass@1 over the reports or saved baselines of a folder"))
    return whole


def _add(commands: argparse._SubParsersAction[_Parser], name: str, summary: str) -> argparse.ArgumentParser:
    description = f"{summary[0].upper()}{summary[1:]}."
    return commands.add_parser(name, help=summary, description=description, allow_abbrev=False)


def _add_positional(command: argparse.ArgumentParser, name: str) -> None:
    if name in ("doctor", "dry-run"):
        command.add_argument(
            "experiments", nargs="+", metavar="NAME", help="experiments; a comma list, a glob or 'all', too"
        )
    elif name == "replay":
        command.add_argument("report", metavar="REPORT", help="a JSON report")


def _add_compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("baseline", type=Path, metavar="A.json", help="the baseline's JSON report")
    command.add_argument("newer", type=Path, metavar="B.json", help="the newer JSON report")
    command.add_argument("--html", type=Path, metavar="PATH", help="write an HTML report of both")
    _add_dataset(command)
    command.epilog = "Exit status: 0 no loss is significant, 1 one is, 6 undecided (samples without verdict)."


def _add_html(command: argparse.ArgumentParser) -> None:
    command.add_argument("reports", type=Path, nargs="+", metavar="REPORT", help="JSON reports")
    default = Path("report.html")
    command.add_argument(
        "-o", "--output", type=Path, metavar="PATH", default=default, help="default: %(default)s"
    )
    _add_dataset(command)


def _add_history(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="FOLDER", help="where the JSON reports are")
    command.add_argument("--html", type=Path, metavar="PATH", help="write a page with plots")


def _add_dataset(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dataset",
        action="append",
        default=[],
        metavar="NAME|PATH",
        help="dataset to read prompts from, where it is not found by itself; may be given several times",
    )


if __name__ == "__main__":
    sys.exit(main())

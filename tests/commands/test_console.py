"""The console script: it does what pytest's flags do, and its mistakes are one line."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.console_runs import Console, Score, error_of
from tests.support.easy_problems import easy_dataset


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        (["list", "--config", "e.toml"], ["--humaneval-list", "--humaneval-config=e.toml"]),
        (
            ["doctor", "one", "two", "--config=e.toml"],
            [
                "--humaneval-doctor",
                "--humaneval-experiment=one",
                "--humaneval-experiment=two",
                "--humaneval-config=e.toml",
            ],
        ),
        (
            ["selftest", "--dataset", "./two.jsonl", "--isolation=basic", "--jobs", "1"],
            ["--humaneval-selftest", "--humaneval-dataset=./two.jsonl", "--humaneval-isolation=basic"],
        ),
        (
            ["replay", "report.json", "--dataset=./easy.jsonl", "--timeout", "2"],
            ["--humaneval-replay=report.json", "--humaneval-dataset=./easy.jsonl", "--humaneval-timeout=2"],
        ),
    ],
)
def test_a_command_does_what_the_flag_does(
    pytester: pytest.Pytester, console: Console, score: Score, command: Sequence[str], flags: Sequence[str]
) -> None:
    """The same lines, up to a duration at the end, and the same exit status."""
    score("report.json", {0, 1})
    (pytester.path / "two.jsonl").write_text(easy_dataset(2))
    experiment = '[experiments.{}]\nprovider = "canonical"\n'
    (pytester.path / "e.toml").write_text(experiment.format("one") + experiment.format("two"))

    by_console, by_pytest = console(*command), pytester.runpytest_subprocess(*flags, timeout=120)

    assert by_pytest.outlines
    assert [line.partition(" in ")[0] for line in by_console.outlines] == [
        line.partition(" in ")[0] for line in by_pytest.outlines
    ]
    assert by_console.ret == by_pytest.ret


def test_a_dry_run_is_a_command(pytester: pytest.Pytester, console: Console) -> None:
    """It shows what the flag shows, and no warning of pytest that the command was loaded before it."""
    (pytester.path / "e.toml").write_text('[experiments.one]\nprovider = "canonical"\n')

    result = console("dry-run", "one", "--config=e.toml", "--tasks", "0-3")

    shown = result.outlines[result.outlines.index("one: 4 completions, for which no model is asked") :]
    assert (result.ret, shown[1]) == (0, "dry run: nothing was sent")
    assert "1 warning" not in shown[-1]


def test_init_writes_the_files_to_start_from(pytester: pytest.Pytester, console: Console) -> None:
    """Into the current folder, so that the next command finds them."""
    assert console("init").ret == 0
    assert (pytester.path / "strategies" / "chat" / "mine" / "prompt.toml").exists()

    listed = console("list")

    listed.stdout.fnmatch_lines([f"experiments of {pytester.path / 'experiments.toml'}:", "mine *"])


def test_what_a_conftest_adds_is_known(pytester: pytest.Pytester, console: Console) -> None:
    """A dataset of the project's own is found by its name."""
    (pytester.path / "two.jsonl").write_text(easy_dataset(2))
    pytester.makeconftest(
        "from pathlib import Path\n"
        "from pytest_humaneval.core.datasets import read_dataset\n"
        "def pytest_humaneval_register(registry):\n"
        "    registry.dataset('mine', lambda: read_dataset(Path('two.jsonl')))\n"
    )

    result = console("selftest", "--dataset=mine")

    result.stdout.fnmatch_lines(["ok *canonical solutions, fenced full function: 2/2"])


def test_it_works_where_plugins_are_not_loaded_by_themselves(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch of pytest against that leaves the commands as they are."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    result = console("doctor", "canonical")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["doctor: 1 check, 0 to fix*"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "pytest-humaneval: the following arguments are required: COMMAND; see pytest-humaneval --help"),
        (["lst"], "argument COMMAND: invalid choice: 'lst'"),
        (["compare", "a.json"], "pytest-humaneval compare: the following arguments are required: B.json"),
        (["doctor"], "required: NAME"),
        (["list", "--con", "x"], "unrecognized arguments: --con x"),
        (["selftest", "--jobs=x"], "--humaneval-jobs: found 'x', expected a whole number"),
        (["replay", "nothing.json"], "nothing.json: the report cannot be read"),
        (["compare", "nothing.json", "b.json"], "nothing.json: the report cannot be read"),
        (["html", "\x1b[2J.json"], r"\x1b[2J.json: the report cannot be read"),
        (["history", "nowhere"], "nowhere: not a folder; expected one of JSON reports"),
    ],
)
def test_a_mistake_is_one_line(console: Console, args: Sequence[str], message: str) -> None:
    """It names what is wrong; the exit status is pytest's for a usage error."""
    assert message in error_of(console(*args))


def test_the_help_names_every_command(console: Console) -> None:
    """Each with a line of its own."""
    result = console("--help")

    assert result.ret == 0
    for name in ("init", "list", "doctor", "selftest", "replay", "compare", "html", "history"):
        result.stdout.re_match_lines([rf"    {name} +\w"])

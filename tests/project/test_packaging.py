"""What a user installs: the wheel, its entry point, its data files; and documents that match the code."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from pytest_humaneval.core.config.experiment import read_experiments
from pytest_humaneval.core.config.shipped import SHIPPED_MODELS
from pytest_humaneval.session.console import main
from pytest_humaneval.session.option_table import OPTION_NAMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXPERIMENTS = [
    (path.name, block)
    for path in [ROOT / "README.md", *sorted((ROOT / "docs" / "howto").glob("*.md"))]
    for block in re.findall(r"^```toml\n(.+?)^```$", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    if "[experiments." in block
]
"""The blocks of the documents that are experiments files, each with the page that has it."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from the checkout with the backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_carries_strategies_and_experiments(wheel: zipfile.ZipFile) -> None:
    """What the repository keeps at its top level is inside the package that a user installs."""
    expected = {
        f"pytest_humaneval/{path.relative_to(ROOT).as_posix()}"
        for path in [
            ROOT / "experiments.toml",
            ROOT / "docker-compose.yml",
            *(ROOT / "strategies").rglob("*.*"),
        ]
    }

    assert expected <= set(wheel.namelist())


def test_the_wheel_carries_the_memorisers(wheel: zipfile.ZipFile) -> None:
    """The models of quickstart and example are complete, with the cards that say what they are."""
    files = [path for folder in SHIPPED_MODELS.values() for path in folder.iterdir()]
    expected = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in files}

    carried = {info.filename: info.file_size for info in wheel.infolist()}

    assert expected.items() <= carried.items()
    for folder in SHIPPED_MODELS.values():
        assert "Contaminated on purpose" in (folder / "README.md").read_text(encoding="utf-8")


def test_the_wheel_carries_what_the_html_report_is_made_of(wheel: zipfile.ZipFile) -> None:
    """Its templates, styles and scripts, which are no Python modules."""
    html = ROOT / "pytest_humaneval" / "reports" / "html"
    files = [*html.glob("assets/*"), *html.glob("templates/*")]
    expected = {path.relative_to(ROOT).as_posix() for path in files}

    assert {path.suffix for path in files} == {".css", ".js", ".j2"}
    assert expected <= set(wheel.namelist())


def test_the_wheel_carries_every_module_and_no_test(wheel: zipfile.ZipFile) -> None:
    """Its Python files are those of the package, all of them and no others."""
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pytest_humaneval").rglob("*.py")}

    assert {name for name in wheel.namelist() if name.endswith(".py")} == modules


def test_pytest_finds_the_plugin() -> None:
    """The entry point is the one that pytest looks for."""
    entries = metadata.entry_points(group="pytest11")

    assert entries["humaneval"].value == "pytest_humaneval.plugin"


def test_the_wheel_installs_the_console_script(wheel: zipfile.ZipFile) -> None:
    """It calls the function that the tests of the commands call."""
    (listed,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]
    parser = configparser.ConfigParser()
    parser.read_string(wheel.read(listed).decode())

    called = metadata.EntryPoint("", parser["console_scripts"]["pytest-humaneval"], "console_scripts").load()

    assert called is main


def test_the_help_names_every_option(pytester: pytest.Pytester) -> None:
    """``pytest --help`` has them under one heading."""
    shown = pytester.runpytest_subprocess("--help").stdout.str()

    assert "HumanEval evaluation:" in shown
    for name in OPTION_NAMES:
        assert f"--humaneval-{name}" in shown


def test_the_compose_file_is_one() -> None:
    """docker-compose.yml holds to the published schema of the Compose specification."""
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            "docker-compose.yml",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", ["main job", "tests"])
def test_the_readme_has_the_commands_that_ci_runs(name: str) -> None:
    """.ci/run reads its commands from these blocks of the README, so both are always the same."""
    assert re.search(rf"^<!-- ci: {name} -->\n```\n.+\n```$", README, flags=re.MULTILINE)


@pytest.mark.parametrize(("document", "block"), EXPERIMENTS)
def test_the_experiments_of_the_documents_are_valid(tmp_path: Path, document: str, block: str) -> None:
    """What a reader copies is a valid experiments file."""
    path = tmp_path / "experiments.toml"
    path.write_text(block)

    assert read_experiments(path), document

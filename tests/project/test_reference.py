"""The reference is what the code says: its pages are made anew and compared, its examples are used."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from make_reference import FOLDER, PAGES
from reference_pages import hooks, json_report, key_texts, keys, options
from reference_pages.environment_variables import VARIABLES
from reference_pages.hooks_example import COMMAND, EXAMPLE, EXPERIMENT, PRINTED

from pytest_humaneval.core.config.embedded import EMBEDDED_RULES
from pytest_humaneval.core.config.experiment import read_experiments
from pytest_humaneval.core.config.experiment_schema import ExperimentSchema
from pytest_humaneval.core.config.model_server import SERVER_RULES
from pytest_humaneval.core.config.repair import REPAIR_RULES
from pytest_humaneval.core.config.repair_template import TEMPLATE_RULES, read_repair_template
from pytest_humaneval.core.config.strategy import PROMPT_RULES, read_strategy
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.session.option_table import OPTIONS
from pytest_humaneval.tuning.config import RULES, read_config
from tests.support.evaluating import Evaluate

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(__file__).parents[2] / "pytest_humaneval"
TABLES = {
    "server": SERVER_RULES,
    "experiment": ExperimentSchema().rules("server"),
    "repair": REPAIR_RULES,
    "prompt.toml, chat": PROMPT_RULES["chat"],
    "prompt.toml, completion": PROMPT_RULES["completion"],
    "repair.toml": TEMPLATE_RULES,
    "training": RULES,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    """If not, ``python docs/make_reference.py`` makes it so."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]()


@pytest.mark.parametrize("table", TABLES)
def test_every_key_has_a_valid_example_on_its_page(table: str) -> None:
    """The value that the reference shows is one that the key may have; no key is left out."""
    pages = "".join(PAGES[name]() for name in PAGES if name.endswith(("_toml.md", "_training.md")))

    for key, rule in TABLES[table].items():
        assert rule.allows(tomllib.loads(f"value = {rule.example}")["value"]), f"{key} = {rule.example}"
        assert f"{key} = {rule.example}" in pages


def test_a_key_must_say_what_it_means() -> None:
    """A rule without a meaning or an example makes no page."""
    for rule in (Rule((str,), "text"), replace(EMBEDDED_RULES["device"], example="")):
        with pytest.raises(ValueError, match="key 'new': its Rule has no meaning or no example"):
            keys.keys({"new": rule})


def test_a_flag_stands_under_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nobody has put under any makes no page."""
    monkeypatch.setattr(options, "OPTIONS", (*OPTIONS, replace(OPTIONS[0], name="new")))

    with pytest.raises(KeyError, match=r"flags without a heading in .*: new"):
        options.options()


def test_a_key_of_the_json_report_must_be_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One without a description makes no page."""
    schema = tmp_path / "schema.json"
    schema.write_text('{"properties": {"new": {"type": "string"}}, "$defs": {}}')
    monkeypatch.setattr(json_report, "SCHEMA", schema)

    with pytest.raises(KeyError, match="description"):
        json_report.json_report()


def test_the_examples_of_toml_files_are_read(tmp_path: Path) -> None:
    """By the code that reads users' files."""
    folder = tmp_path / "strategies" / "chat" / "mine"
    folder.mkdir(parents=True)
    (tmp_path / "experiments.toml").write_text(key_texts.EXPERIMENTS_EXAMPLE)
    (tmp_path / "training.toml").write_text(key_texts.TRAINING_EXAMPLE)
    (folder / "prompt.toml").write_text(key_texts.PROMPT_EXAMPLE)
    (folder / "repair.toml").write_text(key_texts.REPAIR_EXAMPLE)
    folders = [tmp_path / "strategies"]

    assert list(read_experiments(tmp_path / "experiments.toml")) == ["mine", "mine_repaired"]
    assert read_config(tmp_path / "training.toml").virtual_tokens == 8
    assert read_strategy(folders, "chat", "mine").stop == ("\nclass ",)
    assert read_repair_template(folders, "mine", None).strategy == "mine"


def test_every_environment_variable_is_listed() -> None:
    """Each that the code reads or sets by its name, and no twin of a flag among the others."""
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    named = set(re.findall(r"environ\w*\.(?:get|setdefault)\(\"([A-Z_0-9]+)\"", sources))
    listed = {name for names in VARIABLES for name in names.split(", ")}

    assert named - {"PYTHONBREAKPOINT"} <= listed
    assert not listed & {option.ini_name.upper() for option in OPTIONS}


def test_the_example_of_hooks_runs(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """It uses every hook and every method of the registry, and the listeners print what the page shows."""
    pytester.makeconftest(EXAMPLE)
    (pytester.path / "experiments.toml").write_text(EXPERIMENT)

    finished = evaluate(*COMMAND.split()[1:])

    assert finished.status == 0, finished.text
    places = [finished.text.index(line) for line in PRINTED]
    assert places == sorted(places)
    assert (pytester.path / "outcomes.txt").read_text() == "Sums/0 passed"


def test_the_example_of_hooks_leaves_none_out() -> None:
    """Every hook is implemented in it, and every method of the registry is called."""
    methods = [name for name, _ in inspect.getmembers(Registry, inspect.isfunction) if name[0] != "_"]

    assert sorted(hooks.METHODS) == sorted(set(methods) - {"adding"})
    assert all(f"def {name}(" in EXAMPLE for name in hooks.NAMES)
    assert all(f"registry.{name}(" in EXAMPLE for name in hooks.METHODS)

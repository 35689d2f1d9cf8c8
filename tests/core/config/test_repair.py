"""The template of a repair round: where it is found, what stands in its places, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_humaneval.core.config.repair_template import read_repair_template
from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Stub

STUB = Stub("def f(x):\n    # {failure}\n\n", "f")


def written(folder: Path, name: str, text: str) -> Path:
    """Write the repair.toml of a strategy; return the folder of all strategies."""
    path = folder / "chat" / name / "repair.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return folder


def test_places_are_filled_as_plain_text_all_at_once() -> None:
    """Neither the problem's text nor the program's is looked through for places; unknown braces stay."""
    template = read_repair_template([STRATEGIES], "fewshot_v1", None)
    own = type(template)("mine", "{problem}|{program}|{failure}|{entry_point}|{other}|{}")

    text = own.render(STUB, "return {problem}", "f(1) {program}", "strip")

    assert text == "def f(x):\n    # {failure}|return {problem}|f(1) {program}|f|{other}|{}"


def test_the_shipped_one_shows_the_failure() -> None:
    """A strategy without a template of its own has the default one, which says what was found."""
    template = read_repair_template([STRATEGIES], "fewshot_v1", None)

    assert template.strategy == "self_debug"
    assert "\n\nf(1) should be 2, but it gave 3\n\n" in template.render(
        STUB, "", "f(1) should be 2, but it gave 3"
    )


def test_the_strategy_s_own_is_taken_before_the_default_and_the_project_s_before_the_shipped(
    tmp_path: Path,
) -> None:
    """As with prompt.toml; a name given in the settings is taken before both."""
    mine = written(tmp_path, "fewshot_v1", 'user = "own {failure}"')
    written(tmp_path, "self_debug", 'user = "default {failure}"')
    folders = [mine, STRATEGIES]

    assert read_repair_template(folders, "fewshot_v1", None).template == "own {failure}"
    assert read_repair_template(folders, "mbpp", None).template == "default {failure}"
    assert read_repair_template(folders, "fewshot_v1", "self_debug").template == "default {failure}"


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        pytest.param("", ("'user'", "{failure}"), id="empty"),
        pytest.param('user = "no place"', ("{failure}", "0 times", "exactly once"), id="no-place"),
        pytest.param('user = "{failure} {failure}"', ("{failure}", "2 times"), id="twice"),
        pytest.param('usr = "{failure}"', ("'usr'", "'user'"), id="unknown-key"),
        pytest.param("user = 1", ("user", "found 1", "text"), id="no-text"),
    ],
)
def test_a_mistake_names_the_file(tmp_path: Path, content: str, parts: tuple[str, ...]) -> None:
    """Each mistake says where, what was found, and what to write."""
    folder = written(tmp_path, "mine", content)

    with pytest.raises(ConfigError) as error:
        read_repair_template([folder], "mine", None)

    for part in (json.dumps(str(folder / "chat" / "mine" / "repair.toml"))[1:-1], *parts):
        assert part in str(error.value)


def test_a_changed_template_has_another_hash(tmp_path: Path) -> None:
    """By the manifest's hash a reader sees whether two runs had the same words."""
    one = read_repair_template([written(tmp_path / "a", "m", 'user = "a {failure}"')], "m", None)
    other = read_repair_template([written(tmp_path / "b", "m", 'user = "b {failure}"')], "m", None)

    assert one.sha256 != other.sha256

"""``extends`` and ``matrix`` in experiments.toml: which experiments there are, and the refusals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_humaneval.core.config.choosing import choose
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.errors import ConfigError
from tests.core.config.test_experiment import LEAST, SERVERS, read, refusal

STUDY = """
[experiments.study]
server = "instruct"
api = "completion"
matrix = {strategy = ["minimal", "fewshot_v2"], temperature = [0.0, 0.2]}
"""


ALL_OF_IT = [
    "study[minimal,t=0]",
    "study[minimal,t=0.2]",
    "study[fewshot_v2,t=0]",
    "study[fewshot_v2,t=0.2]",
]
TEN = list(range(1, 11))


def names(experiments: list[Experiment]) -> list[str]:
    """Return what they are called."""
    return [experiment.name for experiment in experiments]


def test_an_experiment_says_only_what_differs(tmp_path: Path) -> None:
    """Keys come from the other one, and from what that extends, the nearest first."""
    text = """
[experiments.two]
extends = "one"
temperature = 0.2
n = 5
[experiments.three]
extends = "two"
n = 7
"""
    found = read(tmp_path, SERVERS + text + LEAST)

    three = found["three"]
    assert (three.strategy, three.sampling.temperature, three.n) == ("minimal", 0.2, 7)
    assert three.server == found["one"].server
    assert found["one"].sampling.temperature == 0.0


def test_what_is_said_of_a_result_is_not_inherited(tmp_path: Path) -> None:
    """A published score, a baseline and a threshold belong to one setting, and "all" to one experiment."""
    own = 'enabled = false\npublished = 0.5\nbaseline = "main"\nfail_under = 0.4\n'

    found = read(tmp_path, f'{SERVERS}{LEAST}{own}[experiments.two]\nextends = "one"\nn = 2')["two"]

    assert (found.enabled, found.published, found.baseline, found.fail_under) == (True, None, None, None)


def test_no_adapter_is_a_level(tmp_path: Path) -> None:
    """A study compares the model as it is with an adapted one; an experiment need not inherit an adapter."""
    model = 'provider = "embedded"\nmodel = "memoriser"\nstrategy = "minimal"\n'
    text = (
        f'[experiments.s]\n{model}matrix = {{adapter = ["none", "lora"]}}\n'
        f'[experiments.tuned]\n{model}adapter = "lora"\n'
        '[experiments.bare]\nextends = "tuned"\nadapter = "none"\n'
    )

    found = {name: experiment.adapter for name, experiment in read(tmp_path, text).items()}

    assert found == {"s[adapter=none]": None, "s[adapter=lora]": "lora", "tuned": "lora", "bare": None}


def test_another_provider_does_not_inherit_where_the_model_is(tmp_path: Path) -> None:
    """The same experiment without a server needs a model, and no word that it has no server."""
    text = '[experiments.here]\nextends = "one"\nprovider = "embedded"\nmodel = "memoriser"\n'

    found = read(tmp_path, SERVERS + LEAST + text)["here"]

    assert (found.server, found.model, found.strategy) == (None, "memoriser", "minimal")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[experiments.a]\nextends = "oen"',
            "experiment \"a\", extends: no experiment is called 'oen'; did you mean 'one'?",
        ),
        ("[experiments.a]\nextends = 1", 'experiment "a", extends: found 1, expected the name of another'),
        (
            '[experiments.a]\nextends = "b"\n[experiments.b]\nextends = "a"',
            'experiment "b", extends: a extends b extends a, which is a circle; let one of them say',
        ),
        ('[experiments.a]\nextends = "a"', 'experiment "a", extends: a extends a, which is a circle'),
    ],
)
def test_what_cannot_be_extended_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """An unknown name, no name, and every circle, in one line."""
    assert refusal(tmp_path, SERVERS + LEAST + text).startswith(message)


def test_a_matrix_becomes_experiments_with_readable_names(tmp_path: Path) -> None:
    """Every combination, the last factor changing fastest, each an experiment like any other."""
    found = read(tmp_path, SERVERS + STUDY)

    assert list(found) == ALL_OF_IT
    last = found["study[fewshot_v2,t=0.2]"]
    assert (last.api, last.strategy, last.sampling.temperature) == ("completion", "fewshot_v2", 0.2)


@pytest.mark.parametrize(
    ("matrix", "name"),
    [
        ('{n = [5], strategy = ["a"]}', "s[n=5,a]"),
        ('{strategy = ["a"], postprocess = [["x", "y"]]}', "s[a,x+y]"),
        ('{strategy = ["a"], max_tokens = [512], prompt_tail = ["strip"]}', "s[a,max=512,tail=strip]"),
        ('{strategy = ["a"], temperature = [1e-5], top_p = [1]}', "s[a,t=1e-05,top_p=1]"),
        ('{strategy = ["a"], select = ["vote"], stop = [[]]}', "s[a,select=vote,stop=none]"),
        (
            '{strategy = ["a"], chat_template_kwargs = [{enable_thinking = false}]}',
            "s[a,enable_thinking=false]",
        ),
        ('{strategy = ["a"], extra_body = [{"a,b" = {c = [1, 2]}}]}', "s[a,a_b=c=1+2]"),
        ('{strategy = ["a"], repair = [{rounds = 2}]}', "s[a,repair=rounds=2]"),
        ('{strategy = ["a"], dataset = ["data/my file[1].jsonl"]}', "s[a,data_my_file_1_.jsonl]"),
    ],
)
def test_names_are_short_and_hold_nothing_that_ends_them(tmp_path: Path, matrix: str, name: str) -> None:
    """Whatever a value is, no comma, bracket, space or slash of it is in the name."""
    text = f'{SERVERS}[experiments.s]\nserver = "instruct"\nmatrix = {matrix}'

    assert list(read(tmp_path, text)) == [name]


def test_a_level_may_be_excluded_in_combination_with_another(tmp_path: Path) -> None:
    """A rule removes what agrees with all of it."""
    rules = (
        'exclude = [{strategy = "minimal", temperature = 0.2}, {strategy = "fewshot_v2", temperature = 0}]'
    )

    assert list(read(tmp_path, SERVERS + STUDY + rules)) == ["study[minimal,t=0]", "study[fewshot_v2,t=0.2]"]


def test_a_study_may_be_another_one_with_a_difference(tmp_path: Path) -> None:
    """The matrix and what is excluded are inherited together; a matrix of its own replaces both."""
    text = """exclude = [{temperature = 0.2}]
[experiments.longer]
extends = "study"
max_tokens = 2048
[experiments.hotter]
extends = "study"
matrix = {strategy = ["minimal"], temperature = [0.8]}
"""
    found = read(tmp_path, SERVERS + STUDY + text)

    assert list(found)[2:] == ["longer[minimal,t=0]", "longer[fewshot_v2,t=0]", "hotter[minimal,t=0.8]"]


def test_each_experiment_of_a_study_has_its_own_published_score(tmp_path: Path) -> None:
    """By what stands in the brackets of its name."""
    found = read(tmp_path, f'{SERVERS}{STUDY}published = {{"minimal,t=0" = 0.28}}')

    assert [each.published for each in found.values()] == [0.28, None, None, None]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ('matrix = {strtegy = ["a"]}', "matrix: unknown factor 'strtegy'; did you mean 'strategy'?"),
        ("matrix = {temperature = [0, 3]}", "matrix, temperature: found 3, expected a number from 0 to 2"),
        ("matrix = {temperature = 0.2}", "matrix, temperature: found 0.2, expected a list of at least one"),
        ("matrix = {temperature = []}", "matrix, temperature: found [], expected a list of at least one"),
        ("matrix = {}", "matrix: it is empty"),
        ("matrix = 1", "matrix: found 1, expected a table of keys"),
        ("matrix = {enabled = [true]}", "matrix: 'enabled' cannot differ within a study"),
        ("matrix = {temperature = [0, 0.0]}", "matrix, temperature: 0 and 0.0 would have one name, '0'"),
        ('matrix = {strategy = ["a b", "a/b"]}', "matrix, strategy: 'a b' and 'a/b' would have one name"),
        ("n = 1\nmatrix = {n = [1, 2]}", "n: it stands in the matrix, too; keep one of them"),
        (
            "matrix = {seed = ["
            + "1," * 11
            + "], n = ["
            + "1," * 10
            + "], max_tokens = ["
            + "1," * 10
            + "]}",
            "matrix: it makes 1,100 experiments; at most 1,000",
        ),
        ("exclude = [{n = 1}]", "exclude: there is no matrix to exclude from"),
        (
            "matrix = {n = [1, 2]}\nexclude = [{m = 1}]",
            "exclude[0]: 'm' is no factor of the matrix",
        ),
        ("matrix = {n = [1, 2]}\nexclude = [{n = 3}]", "exclude[0], n: found 3, expected one of 1, 2"),
        ("matrix = {n = [1, 2]}\nexclude = [{n = true}]", "exclude[0], n: found True, expected one of 1, 2"),
        ("matrix = {n = [1, 2]}\nexclude = [{}]", "exclude[0]: it is empty and would exclude everything"),
        ("matrix = {n = [1, 2]}\nexclude = [1]", "exclude[0]: found 1, expected a table of keys"),
        ("matrix = {n = [1, 2]}\nexclude = {n = 1}", "exclude: found {'n': 1}, expected a list of tables"),
        ("matrix = {n = [1]}\nexclude = [{n = 1}]", "exclude: it leaves no experiment of the matrix"),
        ("matrix = {n = [1, 2]}\npublished = 0.5", "published: found 0.5, expected a table with the scores"),
        (
            'matrix = {n = [1, 8]}\npublished = {"n=11" = 0.5}',
            "published: no experiment is called s[n=11]; did you mean 'n=1'?",
        ),
    ],
)
def test_what_cannot_be_a_study_is_refused(tmp_path: Path, key: str, message: str) -> None:
    """As in a plain experiment, naming the study and the factor."""
    text = f'{SERVERS}[experiments.s]\nserver = "instruct"\nstrategy = "a"\n{key}'.replace(
        'strategy = "a"\nmatrix = {strategy', "matrix = {strategy"
    )

    assert refusal(tmp_path, text).removeprefix('experiment "s", ').startswith(message)


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("study[minimal,t=0.2]", ["study[minimal,t=0.2]"]),
        ("one,study[minimal,t=0.2],one", ["one", "study[minimal,t=0.2]"]),
        ("study", ALL_OF_IT),
        ("study[*t=0]", ["study[minimal,t=0]", "study[fewshot_v2,t=0]"]),
        ("study[*,t=0.[12]]", ["study[minimal,t=0.2]", "study[fewshot_v2,t=0.2]"]),
        ("study[[]fewshot*]", ["study[fewshot_v2,t=0]", "study[fewshot_v2,t=0.2]"]),
        ("study[[]min*,one", ["study[minimal,t=0]", "study[minimal,t=0.2]", "one"]),
        ("s*t=0?", ["study[minimal,t=0]", "study[fewshot_v2,t=0]"]),
        ("[o]ne", ["one"]),
    ],
)
def test_experiments_of_a_study_are_chosen_by_name_and_glob(
    tmp_path: Path, pattern: str, chosen: list[str]
) -> None:
    """Brackets and commas of a name are letters of it; elsewhere they mean what they always did."""
    found = read(tmp_path, SERVERS + LEAST + STUDY)

    assert names(choose(found, [pattern], tmp_path)) == chosen


def test_a_study_that_is_not_enabled_is_run_when_it_is_named(tmp_path: Path) -> None:
    """A glob, and "all", leave it out; its name does not, with brackets or without."""
    found = read(tmp_path, f"{SERVERS}{LEAST}{STUDY}enabled = false")

    assert names(choose(found, ["all"], tmp_path)) == ["one"]
    assert len(choose(found, ["study"], tmp_path)) == 4
    assert len(choose(found, ["study[*]"], tmp_path)) == 4
    assert names(choose(found, ["study[minimal,t=0]"], tmp_path)) == ["study[minimal,t=0]"]


def test_a_glob_that_finds_only_what_is_not_enabled_says_so(tmp_path: Path) -> None:
    """Not that there is no such experiment."""
    found = read(tmp_path, f"{SERVERS}{LEAST}{STUDY}enabled = false")

    with pytest.raises(ConfigError) as caught:
        choose(found, ["study*"], tmp_path)

    assert str(caught.value).endswith(
        "'study*' matches only experiments that are not enabled; name one, such as 'study[minimal,t=0]'"
    )


def test_an_unknown_name_is_answered_with_the_closest_one(tmp_path: Path) -> None:
    """A study's own name is one, too."""
    found = read(tmp_path, SERVERS + LEAST + STUDY)

    for typed, meant in (("stduy", "study"), ("study[minimal,t=0.3]", "study[minimal,t=0.2]")):
        with pytest.raises(ConfigError, match=re.escape(f"did you mean {meant!r}?")):
            choose(found, [typed], tmp_path)

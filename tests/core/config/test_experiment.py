"""experiments.toml: its keys, and the messages for mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.choosing import choose
from pytest_humaneval.core.config.experiment import Experiment, read_experiments
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Sampling

SERVERS = """
[servers.instruct]
base_url = "http://localhost:8001/v1"
model = "some/model"
"""

LEAST = """
[experiments.one]
server = "instruct"
strategy = "minimal"
"""


def read(tmp_path: Path, text: str) -> dict[str, Experiment]:
    """Read a file with this text."""
    path = tmp_path / "experiments.toml"
    path.write_text(text, encoding="utf-8")
    return read_experiments(path)


def refusal(tmp_path: Path, text: str) -> str:
    """Return the error message for a file with this text, without the file's name at its beginning."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    path, _, message = str(caught.value).partition("experiments.toml")
    assert path == f"{tmp_path}/"
    return message.lstrip(":, ")


def test_every_key_arrives(tmp_path: Path) -> None:
    """Every key of the file is in the experiment."""
    text = """
[servers.instruct]
base_url = "https://host/v1"
model = "some/model"
api_key_env = "KEY"
concurrency = 8
timeout_s = 1.5
max_retries = 0
serve_args = ["--dtype", "half"]

[experiments.one]
provider = "server"
server = "instruct"
api = "completion"
strategy = "minimal"
postprocess = ["a", "b"]
prompt_tail = "strip"
temperature = 1
top_p = 1
top_k = 20
repetition_penalty = 2
max_tokens = 5
stop = ["\\n"]
seed = 3
n = 4
enabled = false
published = 0.25
"""
    expected = Experiment(
        "one",
        "server",
        Server(
            "https://host/v1", "some/model", "KEY", 8, 1.5, 0, ("--dtype", "half"), "instruct", needs_key=True
        ),
        "completion",
        "minimal",
        ("a", "b"),
        "strip",
        "",
        Sampling(1.0, 1.0, 20, 2.0, 5, ("\n",), 3),
        4,
        False,
        0.25,
    )

    assert read(tmp_path, text) == {"one": expected}


def test_published_scores_may_be_a_table_by_dataset(tmp_path: Path) -> None:
    """One experiment has a published score on each of several datasets."""
    text = SERVERS + LEAST + 'published = {humaneval = 0.616, "humaneval+" = 0.573}'

    found = read(tmp_path, text)["one"]

    scores = [found.published_on(name) for name in ("humaneval", "humaneval+", "mbpp")]
    assert scores == [0.616, 0.573, None]


def test_several_addresses_of_a_server(tmp_path: Path) -> None:
    """The first is the server's, the others are its replicas."""
    addresses = '["http://a/v1", "http://b/v1", "http://c/v1"]'

    server = read(tmp_path, SERVERS.replace('"http://localhost:8001/v1"', addresses) + LEAST)["one"].server

    assert server is not None
    assert (server.base_url, server.replicas) == ("http://a/v1", ("http://b/v1", "http://c/v1"))


def test_0_and_0_point_0_are_the_same_request(tmp_path: Path) -> None:
    """However a number is written, its type is the same."""
    written = "\n".join(f"{key} = 1" for key in ("temperature", "top_p", "repetition_penalty"))

    sampling = read(tmp_path, SERVERS + LEAST + written)["one"].sampling

    assert [type(value) for value in (sampling.temperature, sampling.top_p, sampling.repetition_penalty)] == [
        float
    ] * 3


def test_the_shortest_experiment(tmp_path: Path) -> None:
    """A server and a strategy make an experiment; canonical needs neither."""
    found = read(tmp_path, SERVERS + LEAST + '[experiments.canonical]\nprovider = "canonical"\n')

    assert [experiment.model for experiment in found.values()] == ["some/model", "canonical"]
    assert found["one"] == Experiment(
        "one", server=Server("http://localhost:8001/v1", "some/model", name="instruct"), strategy="minimal"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[experimnts.x]", "unknown key 'experimnts'; did you mean 'experiments'?"),
        ("experiments = 1", "experiments: found 1, expected a table"),
        ("[experiments]\nx = 1", 'experiment "x": found 1, expected a table of keys'),
        (
            '[experiments."a b"]',
            "a name is made of letters, digits, '_', '.' and '-', since test ids hold it",
        ),
        ("[experiments.x]", "key 'server' is missing; write the name of a [servers.NAME] table"),
        (
            '[experiments.x]\nserver = "instrcut"',
            "server: no [servers.instrcut] table; did you mean 'instruct'?",
        ),
        (
            '[experiments.x]\nserver = "instruct"',
            "key 'strategy' is missing; write the name of a folder under",
        ),
        ('[servers.x]\nmodel = "m"', "server \"x\": key 'base_url' is missing; write a URL such as"),
        (
            '[servers.x]\nbase_url = "http://h"',
            "server \"x\": key 'model' is missing; write the name under which",
        ),
        ('[servers.x]\nbase_url = "host:80"', "base_url: found 'host:80', expected a URL such as"),
        ("[servers]\nx = 1", 'server "x": found 1, expected a table of keys'),
    ],
)
def test_a_broken_structure_is_reported(tmp_path: Path, text: str, message: str) -> None:
    """A table that is missing, misnamed or misplaced is named, with what to write."""
    assert message in refusal(tmp_path, f"{text}\n{SERVERS}" if "servers]" not in text else text)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("temprature = 0", "unknown key 'temprature'; did you mean 'temperature'?"),
        ("temperature = -0.1", "temperature: found -0.1, expected a number from 0 to 2"),
        ("temperature = nan", "temperature: found nan, expected a number from 0 to 2"),
        ('temperature = "0"', "temperature: found '0', expected a number from 0 to 2"),
        ("top_p = 0", "top_p: found 0, expected a number above 0, at most 1"),
        ("top_k = 0", "top_k: found 0, expected -1 (all tokens) or a whole number of at least 1"),
        ("repetition_penalty = 0", "repetition_penalty: found 0, expected a number above 0 (1 is none)"),
        ("repetition_penalty = inf", "repetition_penalty: found inf, expected a number above 0 (1 is none)"),
        ("max_tokens = 0", "max_tokens: found 0, expected a whole number of at least 1"),
        ("max_tokens = 1.5", "max_tokens: found 1.5, expected a whole number of at least 1"),
        ("n = 0", "n: found 0, expected a whole number of at least 1"),
        ("n = true", "n: found True, expected a whole number of at least 1"),
        ("seed = -1", "seed: found -1, expected a whole number of at least 0"),
        ("enabled = 1", "enabled: found 1, expected true or false"),
        ("published = 54.3", "published: found 54.3, expected a score from 0 to 1"),
        (
            "published = true",
            "published: found True, expected a score from 0 to 1, or a table of such scores",
        ),
        ("published = {mbpp = 43.7}", "published: found {'mbpp': 43.7}, expected a score from 0 to 1, or a"),
        ("published = {mbpp = true}", "published: found {'mbpp': True}, expected a score from 0 to 1, or a"),
        ('api = "chatt"', "api: found 'chatt', expected one of chat, completion"),
        ('provider = "vlm"', "provider: found 'vlm', expected one of "),
        ('stop = "\\n"', "stop: found '\\n', expected a list of non-empty strings"),
        ('stop = [""]', "stop: found [''], expected a list of non-empty strings"),
        ("postprocess = [1]", "postprocess: found [1], expected a name or a list of step names"),
    ],
)
def test_an_impossible_value_is_reported(tmp_path: Path, line: str, message: str) -> None:
    """File, experiment, key, what was found, what is expected: in one line."""
    text = refusal(tmp_path, SERVERS + LEAST + line)

    assert text.startswith('experiment "one"')
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("line", ["timeout_s = inf", "timeout_s = 0", "timeout_s = nan"])
def test_a_servers_time_limit_is_a_number_of_seconds(tmp_path: Path, line: str) -> None:
    """A limit that is infinite, zero or no number is refused."""
    text = SERVERS + line

    assert refusal(tmp_path, text).endswith("expected a number of seconds above 0")


def test_a_stop_sequence_with_a_backslash_and_an_n_is_refused_with_the_reason(tmp_path: Path) -> None:
    """TOML's '...' keeps backslashes, so such a sequence would silently never fire."""
    message = refusal(tmp_path, SERVERS + LEAST + "stop = [\"\\n\", '\\ndef ']")

    assert message.startswith(
        "experiment \"one\", stop[1]: '\\\\ndef ' holds a backslash and an n, not a newline"
    )
    assert message.endswith('write it in "..." instead')


EXPERIMENTS = {
    name: Experiment(name, enabled=name != "few_off") for name in ("few_a", "few_b", "few_off", "other")
}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param(["other"], ["other"], id="name"),
        pytest.param(["other", "few_a"], ["other", "few_a"], id="in-the-order-asked-for"),
        pytest.param(["few_b, other,"], ["few_b", "other"], id="comma-list"),
        pytest.param(["few_*"], ["few_a", "few_b"], id="glob-leaves-out-what-is-not-enabled"),
        pytest.param(["few_?"], ["few_a", "few_b"], id="glob-of-one-letter"),
        pytest.param(["all"], ["few_a", "few_b", "other"], id="all"),
        pytest.param(["few_off"], ["few_off"], id="an-exact-name-is-meant"),
        pytest.param(["few_a", "few_*,few_a"], ["few_a", "few_b"], id="each-once"),
    ],
)
def test_patterns_choose(patterns: list[str], expected: list[str]) -> None:
    """Names, comma lists, globs and ``all``."""
    assert [each.name for each in choose(EXPERIMENTS, patterns, Path("x.toml"))] == expected


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["othr"], "x.toml: no experiment is called 'othr'; did you mean 'other'?"),
        (["other,q*"], "x.toml: no experiment is called 'q*'; known are: few_a, few_b, few_off, other"),
        (["OTHER"], "x.toml: no experiment is called 'OTHER'; known are"),
        ([" ,"], "--humaneval-experiment: no name given; x.toml knows: few_a, few_b, few_off, other"),
    ],
)
def test_a_pattern_that_matches_nothing_is_reported(patterns: list[str], message: str) -> None:
    """A name with a typing error does not silently shorten a study."""
    with pytest.raises(ConfigError) as caught:
        choose(EXPERIMENTS, patterns, Path("x.toml"))

    assert str(caught.value).startswith(message)

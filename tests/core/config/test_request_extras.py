"""The keys of an experiment for what only some requests carry: what they give, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.experiment import Experiment, read_experiments
from pytest_humaneval.core.config.experiment_schema import ExperimentSchema, ProviderRules
from pytest_humaneval.core.config.extra_headers import missing_variables, sent_headers
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.errors import ConfigError

SERVER = """
[servers.s]
base_url = "http://localhost:8001/v1"
model = "some/model"
"""
ASKED = 'server = "s"\nstrategy = "minimal"\n'
EMBEDDED = 'provider = "embedded"\nmodel = "memoriser"\nstrategy = "minimal"\n'
SECRET = "sk-0123456789"  # noqa: S105 (of nothing)


def read(tmp_path: Path, keys: str) -> Experiment:
    """Read an experiment with these keys."""
    path = tmp_path / "experiments.toml"
    path.write_text(f"{SERVER}[experiments.one]\n{keys}", encoding="utf-8")
    return read_experiments(path)["one"]


def refusal(tmp_path: Path, keys: str) -> str:
    """Return the message for an experiment with these keys, which must be one line without the secret."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, keys)
    message = str(caught.value)
    assert "\n" not in message
    assert SECRET not in message
    return message.partition('experiment "one"')[2].lstrip(":, ")


def test_every_key_arrives(tmp_path: Path) -> None:
    """Each is in the experiment as it was written; header names have one spelling."""
    keys = """
min_p = 0
presence_penalty = 1.5
frequency_penalty = -2
logit_bias = { 151667 = -100 }
reasoning_effort = "low"
chat_template_kwargs = { enable_thinking = false }
extra_body = { thinking_token_budget = 512, nested = { a = [1] } }
extra_headers = { x-title = "evaluation", authorization = "Bearer ${GATEWAY_KEY}" }
"""

    experiment = read(tmp_path, ASKED + keys)

    sampling = experiment.sampling
    assert (sampling.min_p, sampling.presence_penalty, sampling.frequency_penalty) == (0.0, 1.5, -2.0)
    assert experiment.extras.given() == {
        "logit_bias": {"151667": -100.0},
        "reasoning_effort": "low",
        "chat_template_kwargs": {"enable_thinking": False},
        "extra_body": {"thinking_token_budget": 512, "nested": {"a": [1]}},
        "extra_headers": {"X-Title": "evaluation", "Authorization": "Bearer ${GATEWAY_KEY}"},
    }


def test_nothing_is_given_by_itself(tmp_path: Path) -> None:
    """An experiment without these keys has none of them; an empty table is none."""
    experiment = read(tmp_path, ASKED + "extra_body = {}\n")

    assert experiment.extras.given() == {}
    assert experiment.sampling.min_p is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("min_p = 1.5", "min_p: found 1.5, expected a number from 0 (none) to 1"),
        ("min_p = true", "min_p: found True, expected a number from 0 (none) to 1"),
        ("presence_penalty = 3", "presence_penalty: found 3, expected a number from -2 to 2 (0 is none)"),
        (
            "frequency_penalty = nan",
            "frequency_penalty: found nan, expected a number from -2 to 2 (0 is none)",
        ),
        ('reasoning_effort = ""', "reasoning_effort: found '', expected a level that the server knows"),
        ("logit_bias = { the = 1 }", "logit_bias: found {'the': 1}, expected a table of numbers"),
        ("logit_bias = { 5 = 101 }", "logit_bias: found {'5': 101}, expected a table of numbers"),
        ("logit_bias = { 5 = true }", "logit_bias: found {'5': True}, expected a table of numbers"),
        (
            "extra_body = { temperature = 1 }",
            "temperature is sent by itself; write it as the experiment's key",
        ),
        ("extra_body = { min_p = 1 }", "min_p is sent by itself; write it as the experiment's key min_p"),
        (
            "extra_body = { stream = true }",
            "stream is sent by itself; write it as the experiment's key stream",
        ),
        ("extra_body = { messages = [] }", "extra_body: messages is sent by itself; remove it"),
        ("extra_body = { day = 2020-01-01 }", "extra_body: cannot be sent as JSON"),
        ("extra_body = { a = inf }", "extra_body: cannot be sent as JSON"),
        ("chat_template_kwargs = { tokenize = true }", "tokenize belongs to the rendering; remove it"),
        (
            "chat_template_kwarg = {}",
            "unknown key 'chat_template_kwarg'; did you mean 'chat_template_kwargs'?",
        ),
        (
            f'extra_headers = "Authorization: {SECRET}"',
            "extra_headers: found str, expected a table of headers",
        ),
        ("extra_headers = { X-N = 1 }", "extra_headers, X-N: found int, expected text"),
        ('extra_headers = { "X N" = "a" }', "extra_headers, X N: no name of a header"),
        ('extra_headers = { Host = "a" }', "extra_headers, Host: the client writes this header itself"),
        ('extra_headers = { X-N = "a\\nb" }', "extra_headers, X-N: no text of a header"),
        ('extra_headers = { X-N = "$HOME" }', "extra_headers, X-N: a $ that begins no variable"),
        ('extra_headers = { X-N = "a", x-n = "b" }', "the header X-N is there twice"),
        (
            f'extra_headers = {{ Authorization = "Bearer {SECRET}" }}',
            "Authorization: the value looks like a secret",
        ),
        (f'extra_headers = {{ Authorization = "{SECRET}" }}', "Authorization: the value looks like a secret"),
        ('extra_headers = { X-Api-Key = "abc" }', "X-Api-Key: the value looks like a secret"),
        (f'extra_headers = {{ X-Mine = "{SECRET}" }}', "X-Mine: the value looks like a secret"),
        (f'extra_headers = {{ Cookie = "{SECRET}; ${{A}}" }}', "Cookie: the value looks like a secret"),
    ],
)
def test_what_cannot_be_sent_so_is_refused(tmp_path: Path, line: str, message: str) -> None:
    """One line says the key, what was found and what to write; what may be a secret is never repeated."""
    assert message in refusal(tmp_path, f"{ASKED}{line}\n")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            EMBEDDED + 'reasoning_effort = "low"',
            'reasoning_effort: provider = "embedded" has no such key; where the chat template knows it, '
            "write chat_template_kwargs",
        ),
        (EMBEDDED + "extra_body = { a = 1 }", 'extra_body: provider = "embedded" has no such key; remove'),
        (
            EMBEDDED.replace("embedded", "vllm") + "extra_headers = { X-A = '1' }",
            'extra_headers: provider = "vllm" has no such key; remove the key',
        ),
        ('provider = "canonical"\nmin_p = 0.1', 'min_p: provider = "canonical" has no such key'),
        (
            ASKED + 'api = "completion"\nchat_template_kwargs = { a = 1 }',
            'chat_template_kwargs: a completion request has no chat template; write api = "chat"',
        ),
    ],
)
def test_what_the_provider_cannot_do_is_refused(tmp_path: Path, keys: str, message: str) -> None:
    """A key that would be left out in silence is an error that names key and provider."""
    assert message in refusal(tmp_path, f"{keys}\n")


def test_a_plugins_provider_may_have_a_key_of_that_name(tmp_path: Path) -> None:
    """Then it is the provider's own; a provider that neither has nor carries it has no such key."""
    own = ProviderRules(keys={"min_p": Rule((str,), "a word")})
    providers = {"own": own, "able": ProviderRules(carried=frozenset({"min_p"})), "plain": ProviderRules()}
    (tmp_path / "e.toml").write_text(
        "".join(
            f'[experiments.{name}]\nprovider = "{name}"\nstrategy = "minimal"\nmin_p = {value}\n'
            for name, value in (("own", '"mine"'), ("able", "0.5"))
        )
    )

    found = read_experiments(tmp_path / "e.toml", ExperimentSchema(providers))
    (tmp_path / "e.toml").write_text('[experiments.e]\nprovider = "plain"\nstrategy = "s"\nmin_p = 0.5\n')

    assert (found["own"].added, found["own"].sampling.min_p) == ({"min_p": "mine"}, None)
    assert (found["able"].added, found["able"].sampling.min_p) == ({}, 0.5)
    with pytest.raises(ConfigError, match='min_p: provider = "plain" has no such key'):
        read_experiments(tmp_path / "e.toml", ExperimentSchema(providers))


def test_variables_are_filled_in_where_requests_are_sent() -> None:
    """Each stands for its content, without blanks around it; what is not set or empty is known in advance."""
    headers = {"Authorization": "Bearer ${KEY}", "X-Both": "${KEY}/${OTHER}"}

    assert missing_variables(headers, {"KEY": "k", "OTHER": " "}) == ["OTHER"]
    sent = sent_headers(headers, {"KEY": "4711\n", "OTHER": "x4711"})
    assert sent.values == {"Authorization": "Bearer 4711", "X-Both": "4711/x4711"}
    assert sent.hidden("neither 4711 nor x4711 is known") == "neither *** nor *** is known"


def test_a_variable_that_no_header_may_hold_is_refused_without_showing_it() -> None:
    """Such as a key with a line break in the middle, which would be a header more."""
    with pytest.raises(ConfigError) as caught:
        sent_headers({"X-Api-Key": "${KEY}"}, {"KEY": f"{SECRET}\nX-More: 1"})

    assert "variable KEY must hold one line" in str(caught.value)
    assert SECRET not in str(caught.value)

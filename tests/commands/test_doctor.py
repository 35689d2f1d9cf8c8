"""The command --humaneval-doctor: each finding about a server, with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.support.stub_behaviour import Behaviour, Body
from tests.support.stub_server import StubServer

GOOD = Behaviour(model="org/Some-Instruct", max_model_len=32_768)


@pytest.fixture
def run_doctor(
    pytester: pytest.Pytester, stub_server: Callable[[Behaviour], StubServer]
) -> Callable[..., pytest.RunResult]:
    """Return a function that runs --humaneval-doctor on an experiment of a stub server."""

    def run(
        behaviour: Behaviour, *lines: str, model: str = "org/Some-Instruct", server: str = ""
    ) -> pytest.RunResult:
        url = stub_server(behaviour).base_url
        (pytester.path / "experiments.toml").write_text(
            f'[servers.s]\nbase_url = "{url}"\nmodel = "{model}"\n{server}\n'
            '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n' + "\n".join(lines)
        )
        return pytester.runpytest_subprocess(
            "--humaneval-doctor", "--humaneval-experiment=e", "--humaneval-max-problems=3", timeout=120
        )

    return run


def test_a_healthy_server_has_no_warning_or_failure(run_doctor: Callable[..., pytest.RunResult]) -> None:
    """Every check prints a line that is ok."""
    result = run_doctor(GOOD)

    assert result.ret == 0
    assert not [line for line in result.outlines if line.startswith(("  warn", "  FAIL"))]
    result.stdout.fnmatch_lines(["doctor: * checks, 0 to fix before a run, 0 warnings"])


@pytest.mark.parametrize(
    ("behaviour", "lines", "model", "found", "remedy", "status"),
    [
        pytest.param(
            GOOD,
            (),
            "org/Some-Instrukt",
            "FAIL  model: does not serve*did you mean*",
            "*[[]servers.s[]]*",
            1,
            id="model",
        ),
        pytest.param(
            replace(GOOD, max_model_len=100),
            (),
            GOOD.model,
            "FAIL  plain request: the longest prompt*",
            "*--max-model-len*",
            1,
            id="context",
        ),
        pytest.param(
            replace(GOOD, max_stops=1),
            ('stop = ["a", "b"]',),
            GOOD.model,
            "warn  stop sequences: refuses 2 *",
            "*four*",
            0,
            id="stops",
        ),
        pytest.param(
            replace(GOOD, max_choices=1),
            ("n = 2",),
            GOOD.model,
            "warn  n > 1: refuses several*",
            "*slower*",
            0,
            id="n",
        ),
        pytest.param(
            replace(GOOD, ignores_n=True),
            ("n = 2",),
            GOOD.model,
            "warn  n > 1: gives one completion*",
            "*slower*",
            0,
            id="n-ignored",
        ),
        pytest.param(
            replace(GOOD, unknown=frozenset({"top_k"})),
            (),
            GOOD.model,
            "warn  sampling parameters: does not take top_k*",
            "*--generation-config vllm*",
            0,
            id="parameters",
        ),
        pytest.param(
            replace(GOOD, restless=True),
            (),
            GOOD.model,
            "warn  repeated answers: two greedy calls*",
            "*BATCH_INVARIANT*",
            0,
            id="determinism",
        ),
        pytest.param(
            replace(GOOD, own_penalty=True),
            (),
            GOOD.model,
            "warn  sampling parameters: the model's generation_config*",
            "*--generation-config vllm*",
            0,
            id="penalties",
        ),
        pytest.param(
            replace(GOOD, model="org/base"),
            (),
            "org/base",
            "warn  API: org/base has the name of a base model*",
            '*api = "completion"*',
            0,
            id="base-by-chat",
        ),
        pytest.param(
            GOOD,
            ('api = "completion"',),
            GOOD.model,
            "warn  API: *the name of an instruct model*",
            '*"chat"*',
            0,
            id="instruct-by-completion",
        ),
    ],
)
def test_each_finding_has_its_remedy(
    run_doctor: Callable[..., pytest.RunResult],
    behaviour: Behaviour,
    lines: tuple[str, ...],
    model: str,
    found: str,
    remedy: str,
    status: int,
) -> None:
    """The message says what is wrong, with the server's own message if there is one, and what to do."""
    result = run_doctor(behaviour, *lines, model=model)

    assert result.ret == status
    result.stdout.fnmatch_lines([f"  {found}", remedy])


def test_a_server_that_is_down_is_reported(pytester: pytest.Pytester) -> None:
    """With the command that starts it."""
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n'
    )

    result = pytester.runpytest_subprocess("--humaneval-doctor", "--humaneval-experiment=e", timeout=120)

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["  FAIL  server: http://127.0.0.1:9/v1 cannot be reached*", "*vllm serve m*"]
    )


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        pytest.param(replace(GOOD, api_key="right"), "status 401: wrong API key", id="401"),
        pytest.param(replace(GOOD, refusal=(500, "broken")), "status 500: broken", id="500"),
    ],
)
def test_a_server_that_refuses_everything_shows_nothing_about_parameters(
    run_doctor: Callable[..., pytest.RunResult], behaviour: Behaviour, why: str
) -> None:
    """One line says that a plain request fails; what depends on it is skipped, not found to be refused."""
    result = run_doctor(behaviour, 'stop = ["a"]', "n = 2")

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            f"  FAIL  plain request: *{why}*",
            "  skip  stop sequences: not checked, since the plain request failed",
            "  skip  n > 1: not checked, since the plain request failed",
            "doctor: *, 4 not checked",
        ]
    )
    result.stdout.no_fnmatch_line("*refuses*")


@dataclass
class BrokenByStops(Behaviour):
    """A server that fails where a request has stop sequences."""

    def refuses(self, body: Body) -> tuple[int, str] | None:
        """Return status and message for a request with stop sequences."""
        return (500, "out of memory") if "stop" in body else None


def test_an_error_of_the_server_is_no_refusal_of_a_parameter(
    run_doctor: Callable[..., pytest.RunResult],
) -> None:
    """A status 500 in the middle of the checks leaves that one check open, with the reason."""
    result = run_doctor(BrokenByStops(model=GOOD.model), 'stop = ["a"]')

    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["  skip  stop sequences: not checked*status 500: out of memory*", "  ok    n > 1: *"]
    )


@pytest.mark.parametrize("key", [None, "wrong"])
def test_the_remedy_for_a_key_names_its_variable(
    run_doctor: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """Whether it is not set, or holds a key that the server does not accept."""
    monkeypatch.delenv("STUB_KEY", raising=False)
    if key:
        monkeypatch.setenv("STUB_KEY", key)

    result = run_doctor(replace(GOOD, api_key="right"), server='api_key_env = "STUB_KEY"')

    assert result.ret == 1
    remedy = "*read from the environment variable STUB_KEY*" if key else "*STUB_KEY, which is not set*"
    result.stdout.fnmatch_lines(["  FAIL  plain request: *status 401*", remedy])
    assert any("FAIL  API key: " in line for line in result.outlines) == (key is None)


@pytest.mark.parametrize("model", ["gpt-4o", "deepseek-reasoner", "mistral-large-latest"])
def test_a_hosted_model_is_not_taken_for_a_base_model(
    run_doctor: Callable[..., pytest.RunResult], model: str
) -> None:
    """A name that says neither instruct nor base is no reason for a warning."""
    result = run_doctor(replace(GOOD, model=model), model=model)

    assert result.ret == 0
    result.stdout.fnmatch_lines([f"  ok    API: {model} is used through the chat API"])


def test_headers_are_sent_and_a_missing_variable_is_found(
    run_doctor: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that wants a header gets it; without its variable nothing is sent, and the line names it."""
    line = 'extra_headers = { Authorization = "Bearer ${GATEWAY_KEY}" }'

    missing = run_doctor(replace(GOOD, api_key="wanted"), line)
    monkeypatch.setenv("GATEWAY_KEY", "wanted")
    sent = run_doctor(replace(GOOD, api_key="wanted"), line)

    missing.stdout.fnmatch_lines(["*FAIL  headers: *the environment variable GATEWAY_KEY must hold*"])
    assert (missing.ret, sent.ret) == (1, 0)

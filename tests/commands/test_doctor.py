"""The command --humaneval-doctor: each finding about a server, with its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

GOOD = Behaviour(model="org/Some-Instruct", max_model_len=32_768)


@pytest.fixture
def run_doctor(
    pytester: pytest.Pytester, stub_server: Callable[[Behaviour], StubServer]
) -> Callable[..., pytest.RunResult]:
    """Return a function that runs --humaneval-doctor on an experiment of a stub server."""

    def run(behaviour: Behaviour, *lines: str, model: str = "org/Some-Instruct") -> pytest.RunResult:
        url = stub_server(behaviour).base_url
        (pytester.path / "experiments.toml").write_text(
            f'[servers.s]\nbase_url = "{url}"\nmodel = "{model}"\n'
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
    result.stdout.fnmatch_lines(["doctor: * findings, 0 to fix before a run, 0 warnings"])


@pytest.mark.parametrize(
    ("behaviour", "lines", "model", "found", "remedy", "status"),
    [
        pytest.param(
            GOOD,
            (),
            "org/Some-Instrukt",
            "FAIL  does not serve*did you mean*",
            "*[[]servers.s[]]*",
            1,
            id="model",
        ),
        pytest.param(
            replace(GOOD, max_model_len=100),
            (),
            GOOD.model,
            "FAIL  the longest prompt*",
            "*--max-model-len*",
            1,
            id="context",
        ),
        pytest.param(
            replace(GOOD, max_stops=1),
            ('stop = ["a", "b"]',),
            GOOD.model,
            "warn  refuses 2 stop*",
            "*four*",
            0,
            id="stops",
        ),
        pytest.param(
            replace(GOOD, max_choices=1),
            ("n = 2",),
            GOOD.model,
            "warn  refuses n > 1*",
            "*slower*",
            0,
            id="n",
        ),
        pytest.param(
            replace(GOOD, ignores_n=True),
            ("n = 2",),
            GOOD.model,
            "warn  ignores n > 1*",
            "*slower*",
            0,
            id="n-ignored",
        ),
        pytest.param(
            replace(GOOD, unknown=frozenset({"top_k"})),
            (),
            GOOD.model,
            "warn  does not take top_k*",
            "*--generation-config vllm*",
            0,
            id="parameters",
        ),
        pytest.param(
            replace(GOOD, restless=True),
            (),
            GOOD.model,
            "warn  two greedy calls*",
            "*BATCH_INVARIANT*",
            0,
            id="determinism",
        ),
        pytest.param(
            replace(GOOD, own_penalty=True),
            (),
            GOOD.model,
            "warn  the model's generation_config*",
            "*--generation-config vllm*",
            0,
            id="penalties",
        ),
        pytest.param(
            replace(GOOD, model="org/base"),
            (),
            "org/base",
            "warn  org/base has the name of a base model*",
            '*api = "completion"*',
            0,
            id="base-by-chat",
        ),
        pytest.param(
            GOOD,
            ('api = "completion"',),
            GOOD.model,
            "warn  *the name of an instruct model*",
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
    result.stdout.fnmatch_lines(["  FAIL  http://127.0.0.1:9/v1 cannot be reached*", "*vllm serve m*"])

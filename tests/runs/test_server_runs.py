"""Whole runs against a stub model server over a real socket: what is requested, and what failures become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import MODES, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, Body, canonical_answers, request_text

CHAT = "--humaneval-experiment=fewshot_v1_chat"
FEW = "--humaneval-tasks=0-7"


def solving(**behaviour: object) -> Behaviour:
    """Return a model that knows every answer."""
    return Behaviour(answer=canonical_answers(read_problems()), **behaviour)  # type: ignore[arg-type]


def answering(text: str) -> Behaviour:
    """Return a model whose every answer is this text."""
    return Behaviour(answer=lambda body: [text] * body.get("n", 1))


@dataclass
class Refusing(Behaviour):
    """A server that refuses one problem."""

    def refuses(self, body: Body) -> tuple[int, str] | None:
        """Return status and message for below_zero, None for all others."""
        return (400, "this prompt is too long") if "below_zero" in request_text(body) else None


@pytest.mark.parametrize("mode", MODES)
def test_each_selected_problem_is_requested_exactly_once(
    stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Generation happens once in a run, for the selected problems only, in every mode."""
    server = stub_server(solving())

    finished = evaluate(CHAT, f"--humaneval-base-url={server.base_url}", FEW, "-k", "not below_zero", *mode)

    assert finished.status == 0
    assert len(finished.verdicts) == 7
    assert len(server.log) == 7
    assert len({request_text(body) for body in server.log}) == 7


@pytest.mark.parametrize("mode", MODES)
def test_a_second_run_generates_nothing(
    stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """What is known is not generated again, and gives the same verdicts."""
    server = stub_server(solving())
    flags = (CHAT, f"--humaneval-base-url={server.base_url}", FEW, *mode)

    first = evaluate(*flags).verdicts
    second = evaluate(*flags).verdicts

    assert first == second
    assert len(server.log) == 8


def test_a_changed_parameter_regenerates(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """A completion is found only under the parameters that it was drawn with; 0 and 0.0 are the same."""
    server = stub_server(solving())
    flags = ("--humaneval-experiment=e", "--humaneval-tasks=0,1")
    for temperature in ("0.0", "0.5", "0"):
        (pytester.path / "experiments.toml").write_text(
            f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
            f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\ntemperature = {temperature}\n'
        )
        evaluate(*flags)

    assert [body["temperature"] for body in server.log] == [0.0, 0.0, 0.5, 0.5]


def test_the_cache_can_be_switched_off(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """With ``off`` every run generates, and leaves no store behind."""
    server = stub_server(solving())
    for _ in range(2):
        evaluate(
            CHAT, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0", "--humaneval-cache=off"
        )

    assert len(server.log) == 2
    assert not (pytester.path / ".humaneval_cache").exists()


def test_collect_only_generates_nothing(stub_server: StartServer, evaluate: Evaluate) -> None:
    """Listing the items makes no request."""
    server = stub_server(solving())

    evaluate(CHAT, f"--humaneval-base-url={server.base_url}", FEW, "--collect-only", "-n", "2")

    assert not server.log


def test_every_sampling_parameter_is_sent(stub_server: StartServer, evaluate: Evaluate) -> None:
    """A server's own defaults never apply, since nothing is left to them."""
    server = stub_server(solving())
    evaluate(CHAT, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0")

    (body,) = server.log
    assert {
        name: body[name] for name in ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens")
    } == {
        "temperature": 0.0,
        "top_p": 1.0,
        "top_k": -1,
        "repetition_penalty": 1.0,
        "max_tokens": 1024,
    }


def test_a_base_model_uses_the_completion_api(stub_server: StartServer, evaluate: Evaluate) -> None:
    """A completion experiment sends plain text, and its answers are bodies."""
    server = stub_server(solving())

    finished = evaluate("--humaneval-experiment=minimal", f"--humaneval-base-url={server.base_url}", FEW)

    assert finished.status == 0
    assert {body["prompt"] for body in server.log} == {problem.prompt for problem in read_problems()[:8]}


@pytest.mark.parametrize("mode", MODES)
def test_faults_of_the_server_change_no_verdict(
    stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """With 30 % of requests failing in every way, each problem still gets its true verdict."""
    server = stub_server(solving(fault_rate=0.3, retry_after="0"))

    finished = evaluate(CHAT, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0-39", *mode)

    assert finished.run["outcomes"] == {"passed": 40}
    assert sum(server.counters.values()) > 40


@pytest.mark.parametrize("mode", MODES)
def test_a_request_that_finally_fails_is_an_error_of_its_own_item(
    stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """It is not scored, not missing, and the server's message is shown to the user."""
    server = stub_server(Refusing(answer=canonical_answers(read_problems())))

    finished = evaluate(CHAT, f"--humaneval-base-url={server.base_url}", FEW, *mode)

    assert finished.run["outcomes"] == {"passed": 7, "infra_error": 1}
    assert finished.run["problems"] == 8
    finished.result.assert_outcomes(passed=7, errors=1)
    assert "this prompt is too long" in finished.text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("gate", "status"),
    [pytest.param((), 4, id="no-gate"), pytest.param(("--humaneval-fail-under=0.5",), 6, id="gate")],
)
def test_a_server_that_is_down_ends_the_run_in_one_line(
    evaluate: Evaluate, mode: Sequence[str], gate: Sequence[str], status: int
) -> None:
    """Nothing is scored; with a gate that is undecided, else it is a usage error."""
    finished = evaluate(CHAT, "--humaneval-base-url=http://127.0.0.1:9/v1", *gate, *mode)

    reported = [line for line in finished.text.splitlines() if "no server answers" in line]
    assert (finished.status, len(reported)) == (status, 1)
    assert "http://127.0.0.1:9/v1" in reported[0]
    assert "Traceback" not in finished.text
    assert not finished.report_path.exists()


def test_prose_without_code_is_no_wrong_answer(stub_server: StartServer, evaluate: Evaluate) -> None:
    """An answer that holds no code is its own outcome."""
    server = stub_server(answering("I am sorry, I cannot help with that."))

    finished = evaluate(CHAT, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0")

    assert finished.verdicts == {"HumanEval/0": ["no_code"]}


def test_an_answer_cut_by_the_length_limit_is_truncated(stub_server: StartServer, evaluate: Evaluate) -> None:
    """An answer that max_tokens ended inside the function is ``truncated``."""
    behaviour = answering("```python\ndef has_close_elements(numbers, threshold):\n    for number in numb")
    behaviour.finish_reason = "length"
    server = stub_server(behaviour)

    finished = evaluate(CHAT, f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=0")

    assert finished.verdicts == {"HumanEval/0": ["truncated"]}


def test_of_n_samples_one_that_passes_is_enough(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """With n > 1 an item passes if any of its samples does, and the report has pass@k."""
    known = canonical_answers(read_problems())
    server = stub_server(Behaviour(answer=lambda body: [*known(body)[1:], "```python\npass\n```"]))
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\ntemperature = 0.8\nn = 4\n'
    )

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0")

    finished.result.assert_outcomes(passed=1)
    assert sorted(finished.verdicts["HumanEval/0"]) == ["no_code", "passed", "passed", "passed"]
    assert finished.run["pass@1"] == 0.75
    assert finished.run["pass@k"]["4"] == 1.0

"""Whole runs with repair rounds, against a stub server that is right when shown what it failed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence

import pytest

from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.results_json import from_json
from tests.support.debugged_problems import (
    COUNT,
    FIRST_PASSED,
    GAINED,
    LATER_REQUESTS,
    answers,
    dataset,
    experiments,
    number_of,
    row,
)
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, Body
from tests.support.stub_server import StubServer

ARGS = ("--humaneval-dataset=add.jsonl", "--humaneval-experiment=e", "--tb=no")
LONGEST_WAIT_S = 60.0
"""Far more than a run takes here."""


@pytest.fixture
def server(stub_server: StartServer, pytester: pytest.Pytester) -> StubServer:
    """The model, with its problems and an experiment of two rounds beside it."""
    server = stub_server(Behaviour(answer=answers))
    (pytester.path / "add.jsonl").write_text(dataset())
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url))
    return server


def samples(finished: Finished) -> dict[str, list[Sample]]:
    """Return the samples of each problem."""
    results = map(from_json, finished.run["results"])
    return {result.task_id: list(result.samples) for result in results}


def first_passed(finished: Finished) -> list[str]:
    """Return the problems whose first answers pass."""
    return [
        task_id
        for task_id, found in samples(finished).items()
        if all(sample.outcome == "passed" for sample in found)
    ]


def finally_passed(finished: Finished) -> list[str]:
    """Return the problems whose answers pass after the rounds."""
    return [
        task_id
        for task_id, found in samples(finished).items()
        if all(sample.final.outcome == "passed" for sample in found)
    ]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_rounds_turn_a_known_number_of_failures_into_passes(
    server: StubServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Four of the seven wrong problems pass after two rounds, and pass@1 stays that of the first answers."""
    finished = evaluate(*ARGS, *mode)

    assert finished.run["pass@1"] == len(FIRST_PASSED) / COUNT, finished.text
    assert first_passed(finished) == FIRST_PASSED
    assert finally_passed(finished) == sorted(FIRST_PASSED + GAINED)
    assert len(server.log) == COUNT + LATER_REQUESTS


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_second_run_asks_nothing(server: StubServer, evaluate: Evaluate, mode: Sequence[str]) -> None:
    """A later round is a request like any other, so the store has it; the samples are the same."""
    first = evaluate(*ARGS, *mode)
    requests = len(server.log)

    second = evaluate(*ARGS, *mode)

    assert len(server.log) == requests
    assert finally_passed(second) == finally_passed(first)
    assert [len(each.rounds) for found in samples(second).values() for each in found] == [
        *[0, 0, 0],
        *[1, 1, 1],
        *[2, 2],
        *[0, 0],
    ]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_each_of_several_samples_has_its_own_rounds(
    server: StubServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """With n = 3 each sample goes on by itself, and samples of one request in one conversation each."""
    more = "n = 3\ntemperature = 0.5"
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url, more=more))

    finished = evaluate(*ARGS, *mode)

    assert finally_passed(finished) == sorted(FIRST_PASSED + GAINED), finished.text
    assert sum(len(each.rounds) for found in samples(finished).values() for each in found) == (
        3 * LATER_REQUESTS
    )


def test_a_round_continues_the_conversation(server: StubServer, evaluate: Evaluate) -> None:
    """The model sees the first request, its own answer as it was, and then the example that failed."""
    evaluate(*ARGS, "--humaneval-tasks=Add/3")

    first, second = (body["messages"] for body in server.log)
    assert second[:-2] == first
    assert second[-2] == {
        "role": "assistant",
        "content": "```python\ndef add_3(x):\n    return None\n```",
    }
    assert second[-1]["role"] == "user"
    assert "add_3(1) should be 4, but it gave None" in second[-1]["content"]
    assert server.log[0] | {"messages": None} == server.log[1] | {"messages": None}


def test_hidden_tests_play_no_part(server: StubServer, pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """With other tests, other solutions and other task ids the same is asked, in as many rounds."""
    evaluate(*ARGS)
    asked = [body["messages"] for body in server.log]
    server.log.clear()
    rows = [
        {
            **row(number),
            "task_id": f"Other/{number}",
            "test": "def check(candidate):\n    assert candidate(1) is None\n",
            "canonical_solution": "    return None\n",
        }
        for number in range(COUNT)
    ]
    (pytester.path / "add.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))

    finished = evaluate(*ARGS, "--humaneval-cache=off")

    assert sorted(map(str, asked)) == sorted(str(body["messages"]) for body in server.log)
    assert finished.run["passed"] == COUNT - len(FIRST_PASSED) - 1


def test_a_prefilled_answer_is_prefilled_again(
    server: StubServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The beginning that the experiment gives each answer is part of the turn, and begins the next one."""
    prefill = 'assistant_prefill = "Here it is:\\n"'
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url, 1, prefill))

    evaluate(*ARGS, "--humaneval-tasks=Add/3")

    *_, answer, _, beginning = server.log[1]["messages"]
    assert answer["content"].startswith("Here it is:\n```python\n")
    assert beginning == {"role": "assistant", "content": "Here it is:\n"}


def test_a_strategy_has_its_own_words(
    server: StubServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """A repair.toml in the project is found by the name that the experiment gives, its places filled in."""
    folder = pytester.path / "strategies" / "chat" / "mine"
    folder.mkdir(parents=True)
    (folder / "repair.toml").write_text(
        'user = "{entry_point} of {problem} was {program} but {failure}; {unknown}"\n'
    )
    text = experiments(server.base_url, 1) + 'strategy = "mine"\n'
    (pytester.path / "experiments.toml").write_text(text)

    finished = evaluate(*ARGS, "--humaneval-tasks=Add/3")

    turn = server.log[1]["messages"][-1]["content"]
    assert turn.startswith('add_3 of def add_3(x):\n    """Return x + 3.')
    assert "    return None" in turn
    assert turn.endswith("but add_3(1) should be 4, but it gave None; {unknown}")
    assert finished.run["manifest"]["repair"]["rounds"] == 1
    assert finished.run["manifest"]["repair"]["strategy"] == "mine"


def test_the_second_round_of_one_problem_does_not_wait_for_the_first_of_another(
    server: StubServer, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first answer that comes only after another problem's second round was asked: the run still ends."""
    asked_again, waited = threading.Event(), []
    complete = server._completion

    async def hold_back(body: Body) -> tuple[int, str, str | None]:
        if "but it gave None" in body["messages"][-1]["content"]:
            asked_again.set()
        if number_of(body) == 0:
            waited.append(await asyncio.to_thread(asked_again.wait, LONGEST_WAIT_S))
        return await complete(body)

    monkeypatch.setattr(server, "_completion", hold_back)

    finished = evaluate(*ARGS, "--humaneval-tasks=Add/0,Add/3")

    assert waited == [True], finished.text
    assert finally_passed(finished) == ["Add/0", "Add/3"]


def test_a_round_that_fails_leaves_the_answer_before_it(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Refused later requests cost a warning with their number; the first answers have their verdicts."""

    class Refusing(Behaviour):
        def refuses(self, body: Body) -> tuple[int, str] | None:
            later = "but it gave None" in body["messages"][-1]["content"]
            return (400, "this conversation is too long") if later else None

    server = stub_server(Refusing(answer=answers))
    (pytester.path / "add.jsonl").write_text(dataset())
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url))

    finished = evaluate(*ARGS)

    assert finished.run["outcomes"] == {"passed": 3, "wrong_answer": 7}, finished.text
    assert finally_passed(finished) == FIRST_PASSED
    assert "e: 5 repair rounds could not be had" in finished.text
    assert "this conversation is too long" in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_saved_rounds_are_scored_again_without_a_model(
    server: StubServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A samples file carries the later rounds, and reading it back gives the same samples."""
    first = evaluate(*ARGS, "--humaneval-save-samples=saved.jsonl")
    server.stop()

    again = evaluate("--humaneval-dataset=add.jsonl", "--humaneval-samples=saved.jsonl", "--tb=no", *mode)

    def outcomes(finished: Finished) -> list[tuple[object, ...]]:
        return [
            (task_id, sample.outcome, *(later.outcome for later in sample.rounds))
            for task_id, found in samples(finished).items()
            for sample in found
        ]

    assert outcomes(again) == outcomes(first)
    assert finally_passed(again) == sorted(FIRST_PASSED + GAINED)


def test_recorded_samples_without_rounds_ask_nobody_and_say_so(
    server: StubServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """An experiment's rounds mean nothing for a file of first answers, and a caution says it."""
    rows = [{"task_id": f"Add/{number}", "completion": "    return None\n"} for number in range(COUNT)]
    (pytester.path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    finished = evaluate(*ARGS, "--humaneval-samples=s.jsonl")

    assert not server.log
    assert "recorded samples ask no model" in finished.text
    assert finished.run["passed"] == 0


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        pytest.param("[experiments.e.repair]", ("'rounds' is missing",), id="no-rounds"),
        pytest.param("[experiments.e.repair]\nrounds = 0", ("rounds", "0", "at least 1"), id="zero"),
        pytest.param("[experiments.e.repair]\nround = 1", ("'round'", "'rounds'"), id="unknown-key"),
        pytest.param(
            '[experiments.e.repair]\nrounds = 1\nstrategy = "slef_debug"',
            ("'slef_debug'", "repair.toml", "'self_debug'"),
            id="unknown-strategy",
        ),
        pytest.param(
            'api = "completion"\nstrategy = "minimal"\n[experiments.e.repair]\nrounds = 1',
            ("repair", "completion", 'api = "chat"'),
            id="completion-api",
        ),
    ],
)
def test_a_mistake_in_the_settings_is_one_line(
    pytester: pytest.Pytester, evaluate: Evaluate, more: str, parts: Sequence[str]
) -> None:
    """It says where, what was found and what to write, before anything runs."""
    chat = "" if 'strategy = "minimal"' in more else 'strategy = "fewshot_v1"\n'
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        f'[experiments.e]\nserver = "s"\n{chat}{more}\n'
    )

    finished = evaluate("--humaneval-experiment=e")

    (error,) = [line for line in finished.result.errlines if line.startswith("ERROR: ")]
    assert finished.status == pytest.ExitCode.USAGE_ERROR
    for part in ('experiment "e"', *parts):
        assert part in error

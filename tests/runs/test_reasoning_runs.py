"""Whole runs of a reasoning model: its thoughts are shown apart, counted apart, and never run."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers

THOUGHTS = "\n".join(["First I thought:", "```python", "broken(", "```", *(f"idea {n}" for n in range(40))])
RUN = ("--humaneval-experiment=fewshot_v1_chat", "--humaneval-tasks=0,1")


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_thoughts_are_in_the_report_apart_from_the_answer(
    stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The answer alone is run; the report has both, and the tokens; so it is with what the store had."""
    answer = canonical_answers(read_problems())
    server = stub_server(
        Behaviour(answer=answer, reasoning=("reasoning_content", THOUGHTS), reasoning_tokens=11)
    )

    for _ in range(2):
        finished = evaluate(*RUN, f"--humaneval-base-url={server.base_url}", *mode)

        assert finished.run["outcomes"] == {"passed": 2}, finished.text
        assert finished.run["tokens"]["reasoning"] == 22
        for result in finished.run["results"]:
            [sample] = result["samples"]
            assert (sample["reasoning"], sample["reasoning_tokens"]) == (THOUGHTS, 11)
            assert "idea" not in sample["raw"]
    assert len(server.log) == 2


def test_a_budget_used_up_by_thinking_is_said_so(stub_server: StartServer, evaluate: Evaluate) -> None:
    """The sample is truncated, in these words, and the card shows the beginning of the thoughts."""
    server = stub_server(
        Behaviour(
            answer=lambda body: [None] * body.get("n", 1),
            reasoning=("reasoning", THOUGHTS),
            finish_reason="length",
        )
    )

    finished = evaluate(
        "--humaneval-experiment=fewshot_v1_chat",
        "--humaneval-tasks=0",
        f"--humaneval-base-url={server.base_url}",
    )

    [sample] = finished.run["results"][0]["samples"]
    assert sample["outcome"] == "truncated"
    assert "all of max_tokens went into thinking" in sample["message"]
    assert "all of max_tokens went into thinking" in finished.text
    assert "--- reasoning ---" in finished.text
    assert "more lines)" in finished.text
    assert "idea 39" not in finished.text


def test_a_model_that_does_not_reason_has_no_such_fields(
    stub_server: StartServer, evaluate: Evaluate
) -> None:
    """Reports of before and after are alike where nothing reasons."""
    server = stub_server(Behaviour(answer=canonical_answers(read_problems())))

    finished = evaluate(*RUN, f"--humaneval-base-url={server.base_url}")

    assert "reasoning" not in json.dumps(finished.report)


def test_a_samples_file_keeps_thoughts_and_likelihood(stub_server: StartServer, evaluate: Evaluate) -> None:
    """What a run saves, another one has again, and chooses by it."""
    server = stub_server(
        Behaviour(
            answer=canonical_answers(read_problems()),
            reasoning=("reasoning", THOUGHTS),
            logprobs=lambda _text: [-0.25],
        )
    )
    evaluate(
        *RUN,
        f"--humaneval-base-url={server.base_url}",
        "--humaneval-select=likelihood",
        "--humaneval-save-samples=samples.jsonl",
    )

    finished = evaluate("--humaneval-samples=samples.jsonl", "--humaneval-select=likelihood")

    samples = [sample for result in finished.run["results"] for sample in result["samples"]]
    assert [(each["reasoning"], each["mean_logprob"]) for each in samples] == [(THOUGHTS, -0.25)] * 2

"""Post-processing in whole runs: what is sent, recorded and marked, and what each step is worth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.evaluating import MODES, Evaluate, write_samples
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

BODY = "    return number % 1.0\n"
FENCED = f"Here it is:\n```python\ndef truncate_number(number):\n{BODY}```\n"
VOWELS = "def remove_vowels(text):\n    return ''.join(c for c in text if c not in 'aeiou')\n"


def raw(number: int, text: str) -> dict[str, Any]:
    """Return a line of a samples file: a model's raw answer to HumanEval/number."""
    return {"task_id": f"HumanEval/{number}", "raw": text}


def experiment(**keys: str) -> str:
    """Return an experiments file with an experiment ``e`` of these keys; values are written as in TOML."""
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return (
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n{lines}'
    )


def test_the_answer_begins_with_the_prefill(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The prefill is sent as the assistant's turn, and belongs to the answer when the program is made."""
    model = Behaviour(answer=lambda _body: ["(number):\n" + BODY + "```"])
    server = stub_server(model)
    prefill = r'"```python\ndef truncate_number"'
    (pytester.path / "experiments.toml").write_text(experiment(assistant_prefill=prefill))

    finished = evaluate(
        "--humaneval-experiment=e", f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=2"
    )

    assert finished.verdicts == {"HumanEval/2": ["passed"]}
    assert server.log[0]["messages"][-1] == {"role": "assistant", "content": "```python\ndef truncate_number"}
    assert finished.run["results"][0]["samples"][0]["raw"] == "(number):\n" + BODY + "```"


@pytest.mark.parametrize(("tail", "ending"), [("keep", "\n\n"), ("strip", ""), ("newline", "\n")])
def test_a_prompt_ends_as_the_experiment_says(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, tail: str, ending: str
) -> None:
    """One line end more or less moves scores, so it is a field of the experiment."""
    server = stub_server(Behaviour(answer=lambda _body: ["    return 1\n"]))
    prompt = 'def one():\n    """Return 1."""'
    # HumanEval's own prompts all end with one line end, where "keep" and "newline" are the same.
    problem = {
        "task_id": "Own/0",
        "prompt": f"{prompt}\n\n",
        "entry_point": "one",
        "canonical_solution": "    return 1\n",
        "test": "def check(candidate):\n    assert candidate() == 1\n",
    }
    (pytester.path / "own.jsonl").write_text(json.dumps(problem))
    text = experiment(api='"completion"', prompt_tail=f'"{tail}"').replace("fewshot_v1", "minimal")
    (pytester.path / "experiments.toml").write_text(text)

    evaluate(
        "--humaneval-experiment=e",
        f"--humaneval-base-url={server.base_url}",
        "--humaneval-dataset=own.jsonl",
    )

    assert server.log[0]["prompt"] == prompt + ending


@pytest.mark.parametrize("mode", MODES)
def test_a_repaired_pass_is_counted_apart(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A pass that needed a repair step counts in pass@1, but not in pass@1_format_only."""
    (pytester.path / "experiments.toml").write_text(experiment(postprocess='"post_v1"'))
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED), raw(51, VOWELS)])

    finished = evaluate("--humaneval-experiment=e", "--humaneval-samples=s.jsonl", "-rN", *mode)

    assert finished.run["repaired"] == ["HumanEval/51"]
    assert (finished.run["pass@1"], finished.run["pass@1_format_only"]) == (1.0, 0.5)
    finished.result.stdout.fnmatch_lines(["[*] its post-processing has repair steps*", "e ?*100.0%*"])


def test_every_step_that_changed_an_answer_is_recorded(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The report has the steps that changed the answer, with their kinds."""
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED)])

    (result,) = evaluate("--humaneval-samples=s.jsonl").run["results"]

    steps = {step["name"]: step["kind"] for step in result["samples"][0]["steps"]}
    assert steps["choose_code"] == "format"


@pytest.mark.parametrize("mode", MODES)
def test_ablation_shows_what_each_step_is_worth(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Passes by post-processing, and what each step won, without another completion."""
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED), raw(2, "I do not know."), raw(51, VOWELS)])

    finished = evaluate("--humaneval-samples=s.jsonl", "--humaneval-ablate", "--tb=no", "-rN", *mode)

    effects = finished.report["ablation"]["samples"]
    passed = {effect["postprocess"]: effect["passed"] for effect in effects if effect["left_out"] is None}
    assert passed == {"none": 0, "auto": 1, "post_chat": 1, "post_v1": 2, "post_v5": 2, "post_v7": 2}
    won = {effect["left_out"]: effect["won"] for effect in effects if effect["postprocess"] == "post_chat"}
    assert won["first_fence"] == [["HumanEval/2", 0]]
    finished.result.stdout.fnmatch_lines(["ablation*none*auto*post_chat*", "samples *0 *1 *1 *2 *"])

"""Post-processing as a user meets it: what is sent, recorded and marked, and what each step is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pytest_humaneval.core.dataset import read_problems
from tests.support.evaluating import MODES, Evaluate, write_samples
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

BODY = "    return number % 1.0\n"
FENCED = f"Here it is:\n```python\ndef truncate_number(number):\n{BODY}```\n"
VOWELS = "def remove_vowels(text):\n    return ''.join(c for c in text if c not in 'aeiou')\n"


def raw(number: int, text: str) -> dict[str, Any]:
    """A line of a samples file: what a model said about HumanEval/number."""
    return {"task_id": f"HumanEval/{number}", "raw": text}


def experiment(**keys: str) -> str:
    """A chat experiment ``e`` with these keys, its values as TOML writes them."""
    lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return (
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n{lines}'
    )


def test_the_answer_begins_with_the_prefill(
    stub_server: Callable[[Behaviour], StubServer], pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The assistant's first words are sent, and belong to the answer when the program is made."""
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


@pytest.mark.parametrize(("tail", "ending"), [("keep", '"""\n'), ("strip", '"""'), ("newline", '"""\n')])
def test_a_prompt_ends_as_the_experiment_says(
    stub_server: Callable[[Behaviour], StubServer],
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    tail: str,
    ending: str,
) -> None:
    """One line end more or less moves scores, so it is a field of the experiment."""
    server = stub_server(Behaviour(answer=canonical_answers(read_problems())))
    keys = {"api": '"completion"', "prompt_tail": f'"{tail}"'}
    text = experiment(**keys).replace("fewshot_v1", "minimal")
    (pytester.path / "experiments.toml").write_text(text)

    evaluate("--humaneval-experiment=e", f"--humaneval-base-url={server.base_url}", "--humaneval-tasks=2")

    assert server.log[0]["prompt"] == read_problems()[2].prompt.rstrip() + ending.removeprefix('"""')


@pytest.mark.parametrize("mode", MODES)
def test_a_repaired_pass_is_told_apart(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A pass that took a repair step counts, but is never taken for the model's own."""
    (pytester.path / "experiments.toml").write_text(experiment(postprocess='"post_v1"'))
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED), raw(51, VOWELS)])

    finished = evaluate("--humaneval-experiment=e", "--humaneval-samples=s.jsonl", "-rN", *mode)

    assert finished.run["repaired"] == ["HumanEval/51"]
    assert (finished.run["pass@1"], finished.run["pass@1_format_only"]) == (1.0, 0.5)
    finished.result.stdout.fnmatch_lines(["e ?*100.0%*", "[*] its post-processing has repair steps*"])


def test_every_step_that_changed_an_answer_is_recorded(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The report says which steps fired, of which kind."""
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED)])

    (result,) = evaluate("--humaneval-samples=s.jsonl").run["results"]

    steps = {step["name"]: step["kind"] for step in result["samples"][0]["steps"]}
    assert steps["choose_code"] == "format"


@pytest.mark.parametrize("mode", MODES)
def test_ablation_tells_what_each_step_is_worth(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """One pass over the completions there are: passes by post-processing, and what each step won."""
    write_samples(pytester.path / "s.jsonl", [raw(2, FENCED), raw(2, "I do not know."), raw(51, VOWELS)])

    finished = evaluate("--humaneval-samples=s.jsonl", "--humaneval-ablate", "--tb=no", "-rN", *mode)

    effects = finished.report["ablation"]["samples"]
    passed = {effect["postprocess"]: effect["passed"] for effect in effects if effect["left_out"] is None}
    assert passed == {"none": 0, "auto": 1, "post_chat": 1, "post_v1": 2, "post_v5": 2, "post_v7": 2}
    won = {effect["left_out"]: effect["won"] for effect in effects if effect["postprocess"] == "post_chat"}
    assert won["first_fence"] == [["HumanEval/2", 0]]
    finished.result.stdout.fnmatch_lines(["ablation*none*auto*post_chat*", "samples *0 *1 *1 *2 *"])

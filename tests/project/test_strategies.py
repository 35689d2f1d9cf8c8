"""The shipped strategies render every problem; the shipped experiments are those of published tables."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pytest

from pytest_humaneval.core.config.experiment import Experiment, read_experiments
from pytest_humaneval.core.config.strategy import Strategy, read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.extraction import resolve
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Api, Message, Sampling

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "strategies"
EXPERIMENTS = read_experiments(ROOT / "experiments.toml")
SHIPPED = [
    pytest.param(api, path.parent.name, id=f"{api}-{path.parent.name}")
    for api in get_args(Api)
    for path in sorted(FOLDER.glob(f"{api}/*/prompt.toml"))
]
PLAIN = Problem("T/0", "{problem}", "f", "", "")
"""A problem whose prompt is the placeholder, so that its request is the template."""


def shipped(api: Api, name: str) -> Strategy:
    """Return a shipped strategy."""
    return read_strategy([FOLDER], api, name)


@pytest.mark.parametrize(("api", "name"), SHIPPED)
def test_every_strategy_renders_every_problem_with_its_prompt_in_it(api: Api, name: str) -> None:
    """The prompt stands in the request letter by letter, once, braces and dollars intact."""
    strategy = shipped(api, name)
    before, after = strategy.render(PLAIN, "m", Sampling()).text.split("{problem}")

    for problem in read_problems():
        text = strategy.render(problem, "m", Sampling()).text
        assert text == before + problem.prompt + after


@pytest.mark.parametrize(("api", "name"), SHIPPED)
def test_every_strategy_says_what_it_is_about(api: Api, name: str) -> None:
    """A person who lists the strategies learns what each one does."""
    assert shipped(api, name).about


@pytest.mark.parametrize(("api", "name"), SHIPPED)
def test_no_strategy_has_more_stops_than_every_server_takes(api: Api, name: str) -> None:
    """OpenAI's own takes four."""
    assert len(shipped(api, name).stop) <= 4


GAP = Problem("T/0", "def f():\n    x = ", "f", "1", "", suffix="\n    return x\n")


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("fim_qwen", ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
        ("fim_starcoder", ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")),
        ("fim_codellama", ("\u2581<PRE> ", "\u2581<SUF>", "\u2581<MID>")),
        ("fim_deepseek", tuple(f"<\uff5cfim\u2581{word}\uff5c>" for word in ("begin", "hole", "end"))),
    ],
)
def test_infilling_models_are_asked_by_their_own_tokens(name: str, tokens: tuple[str, str, str]) -> None:
    """Nothing stands between the tokens but what is around the gap: one space more would move a score."""
    before, between, after = tokens

    text = shipped("completion", name).render(GAP, "m", Sampling()).text

    assert text == f"{before}{GAP.prompt}{between}{GAP.suffix}{after}"


def test_the_published_chat_prompt_is_shipped_to_the_letter() -> None:
    """A published score belongs to this system turn and this user turn."""
    request = shipped("chat", "fewshot_v1").render(PLAIN, "m", Sampling())

    assert request.messages == (
        Message(
            "system",
            "You are a Python expert. Complete the function body ONLY - do not repeat imports, function "
            "signature, or docstring.",
        ),
        Message(
            "user",
            "Complete the function body for:\n\n{problem}\n\nOutput ONLY the implementation code that goes "
            "INSIDE the function (no imports, no signature, no docstring, no markdown, no explanations).",
        ),
    )


PUBLISHED_TEXT_SHA256 = "1036a4369438fc0acbb6bce769dad7f91e8490f57fbd63c05bf04861050dfd5e"
DEVISE = (
    " Think through the problem step by step.\nFirst, devise the logic to solve the problem and review it.\n"
    "Once satisfied with logic, go ahead and implement in Python."
)


def test_the_published_completion_prompt_is_shipped_to_the_letter() -> None:
    """A published score belongs to this text: six examples, the instruction, the problem."""
    text = shipped("completion", "fewshot_v2_devise").render(PLAIN, "m", Sampling()).text

    assert hashlib.sha256(text.encode()).hexdigest() == PUBLISHED_TEXT_SHA256


@pytest.mark.parametrize(
    ("name", "instruction"),
    [
        ("fewshot_v2", "Now implement the function. Think through the problem step by step.\n\n"),
        ("fewshot_v1", ""),
    ],
)
def test_the_other_few_shot_prompts_are_the_published_one_with_less_instruction(
    name: str, instruction: str
) -> None:
    """The same six examples, so that a difference in score is the instruction's."""
    published = shipped("completion", "fewshot_v2_devise").template
    examples = published.removesuffix(f"Now implement the function.{DEVISE}\n\n{{problem}}")
    assert examples != published

    assert shipped("completion", name).template == f"{examples}{instruction}{{problem}}"


def test_the_chat_with_worked_examples_is_direct_instruction_after_the_published_ones() -> None:
    """The question is the same, and so are the six examples: a difference in score is the examples'."""
    names = ("fewshot_v1", "worked_examples")
    direct, after = (shipped("chat", name).render(PLAIN, "m", Sampling()) for name in names)
    published = shipped("completion", "fewshot_v1").template
    question, _, _ = direct.text.partition("{problem}")

    examples = after.messages[1:-1]

    assert (after.messages[0], after.messages[-1]) == direct.messages
    assert [message.role for message in examples] == ["user", "assistant"] * 6
    for asked, answered in zip(examples[::2], examples[1::2], strict=True):
        stub = asked.content.removeprefix(question).partition('"""\n')[0] + '"""\n'
        assert asked.content == direct.text.replace("{problem}", stub)
        assert stub + answered.content in published


def test_minimal_sends_nothing_but_the_prompt() -> None:
    """The baseline adds nothing."""
    assert shipped("completion", "minimal").template == "{problem}"


def test_the_published_tables_are_two_studies_of_their_models() -> None:
    """Every row of them is in a study with its score, beside what it is compared with."""
    rows = {name: each.published for name, each in EXPERIMENTS.items() if each.place}

    assert rows == {
        "base_study[minimal,none]": None,
        "base_study[fewshot_v1,none]": 0.329,
        "base_study[fewshot_v2,none]": 0.335,
        "base_study[fewshot_v2_devise,none]": 0.341,
        "base_study[fewshot_v2_devise,post_v7]": 0.348,
        "instruct_study[fewshot_v1,post_chat]": 0.543,
        "instruct_study[worked_examples,post_chat]": None,
        "instruct_study[fewshot_v1_cot,post_chat]": None,
    }


@pytest.mark.parametrize(
    ("single", "member"),
    [
        ("fewshot_v1_none", "base_study[fewshot_v1,none]"),
        ("fewshot_v2_devise_post_v7", "base_study[fewshot_v2_devise,post_v7]"),
        ("fewshot_v1_chat_post_chat", "instruct_study[fewshot_v1,post_chat]"),
    ],
)
def test_a_row_in_a_study_is_the_same_experiment(single: str, member: str) -> None:
    """It asks the same, so that what one has generated is in the store for the other."""
    alone, within = EXPERIMENTS[single], EXPERIMENTS[member]

    assert replace(within, name=alone.name, place=None, enabled=True) == alone


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_every_shipped_experiment_can_be_run(experiment: Experiment) -> None:
    """Its strategy exists for its API, and its post-processing exists."""
    if experiment.strategy is not None:
        assert shipped(experiment.api, experiment.strategy).api == experiment.api
    resolve(experiment.postprocess)


@pytest.mark.parametrize(
    ("model", "api", "strategy", "postprocess", "published"),
    [
        ("instruct", "chat", "fewshot_v1", "post_chat", 0.543),
        ("base", "completion", "fewshot_v2_devise", "post_v7", 0.348),
        ("base", "completion", "fewshot_v2_devise", "none", 0.341),
        ("base", "completion", "fewshot_v2", "none", 0.335),
        ("base", "completion", "fewshot_v1", "none", 0.329),
    ],
)
def test_every_published_row_is_an_experiment_with_its_score(
    model: Literal["base", "instruct"], api: str, strategy: str, postprocess: str, published: float
) -> None:
    """A reader can run each row of the published tables, and sees the published score beside it."""
    models = {"base": "Qwen/Qwen2.5-Coder-0.5B", "instruct": "Qwen/Qwen2.5-Coder-0.5B-Instruct"}
    name = f"{strategy}_chat_{postprocess}" if api == "chat" else f"{strategy}_{postprocess}"

    found = EXPERIMENTS[name]

    assert (found.model, found.api, found.strategy) == (models[model], api, strategy)
    assert (found.postprocess, found.published) == (postprocess, published)
    assert (found.sampling.temperature, found.n) == (0.0, 1)

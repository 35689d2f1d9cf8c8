"""The embedded engine with the memoriser: its completions, how they end, and the messages for failures."""

from __future__ import annotations

import asyncio
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL, STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import (
    Completion,
    Draw,
    Message,
    NoCompletion,
    Request,
    Sampling,
    SettledDraw,
)
from pytest_humaneval.core.request_extras import RequestExtras
from pytest_humaneval.providers.embedded.memoriser.lessons import NOT_LEARNED, chat_answer
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from tests.support.engines import needs_engine

pytestmark = needs_engine

PROBLEMS = read_problems()
FEWSHOT = read_strategy([STRATEGIES], "chat", "fewshot_v1")
GREEDY = Sampling(max_tokens=256)
HOT = Sampling(temperature=4.0, max_tokens=12, seed=1)
MEMORISER = Embedded(str(MEMORISER_MODEL), device="cpu", dtype="float32", threads=1)

Collect = Callable[[EmbeddedProvider, Sequence[Draw]], list[SettledDraw]]


@pytest.fixture(scope="module")
def memoriser() -> EmbeddedProvider:
    """Return the memoriser, loaded once."""
    return EmbeddedProvider(MEMORISER)


def known(number: int, sampling: Sampling = GREEDY, sample_index: int = 0) -> Draw:
    """Return a draw of a problem as the memoriser learned it: its answer is known in advance."""
    problem = PROBLEMS[number]
    return Draw(problem.task_id, sample_index, FEWSHOT.render(problem, "m", sampling))


def text_of(result: object) -> str:
    """Return the text of a result, which must be a completion."""
    assert isinstance(result, Completion), result
    return result.text


def texts(results: Sequence[tuple[Draw, object]]) -> dict[tuple[str, int], str]:
    """Return each draw's text."""
    return {(draw.task_id, draw.sample_index): text_of(completion) for draw, completion in results}


def test_the_text_is_the_models_own_to_the_letter(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """It goes up to the end token, the tokens are counted, and the finish reason is ``stop``."""
    [(_, completion)] = collect(memoriser, [known(0)])

    assert isinstance(completion, Completion)
    assert (chat_answer(PROBLEMS[0], 0), "stop", "raw") == (
        completion.text,
        completion.finish_reason,
        completion.form,
    )
    assert completion.prompt_tokens > 100
    assert 20 < completion.completion_tokens < 100


def test_prompts_of_other_lengths_in_the_batch_change_nothing(
    memoriser: EmbeddedProvider, collect: Collect
) -> None:
    """Short prompts are padded in a batch, which the model must not see."""
    draws = [known(number) for number in (0, 1, 2, 4, 129)]

    expected = {("HumanEval/" + str(n), 0): chat_answer(PROBLEMS[n], n) for n in (0, 1, 2, 4, 129)}

    assert expected == texts(collect(memoriser, draws))


def test_more_draws_than_fit_into_a_batch(collect: Collect) -> None:
    """Draws beyond the batch size wait until one ends, and are answered all the same."""
    small = EmbeddedProvider(replace(MEMORISER, batch_size=3))

    expected = {(f"HumanEval/{n}", 0): chat_answer(PROBLEMS[n], n) for n in range(8)}

    assert expected == texts(collect(small, [known(n) for n in range(8)]))


def test_a_completion_comes_as_soon_as_it_ends(memoriser: EmbeddedProvider) -> None:
    """The short completion of a batch arrives while the long ones are still being generated."""
    results = asyncio.run(first_results(memoriser, [known(0), known(4), known(1)], 1))

    assert [(draw.task_id, text_of(completion)) for draw, completion in results] == [
        ("HumanEval/1", NOT_LEARNED)
    ]


async def first_results(provider: EmbeddedProvider, draws: Sequence[Draw], number: int) -> list[Any]:
    """Return that many results, and close the iterator."""
    results = []
    async with aclosing(provider.complete(draws)) as stream:
        async for result in stream:
            results.append(result)
            if len(results) == number:
                break
    return results


def test_closing_leaves_nothing_running(memoriser: EmbeddedProvider) -> None:
    """After the iterator is closed, as by Ctrl-C, no thread goes on generating."""
    endless = known(4, Sampling(temperature=5.0, max_tokens=1500))

    asyncio.run(first_results(memoriser, [known(1), endless], 1))

    assert not [thread for thread in threading.enumerate() if thread.name == "humaneval-embedded"]


@pytest.mark.parametrize("stop", [("\n    return",), ("nowhere", "return", "\n    return")])
def test_a_stop_sequence_ends_the_text_before_it(
    memoriser: EmbeddedProvider, collect: Collect, stop: tuple[str, ...]
) -> None:
    """Of several, the one that comes first in the text counts, and it is no part of the text."""
    whole = chat_answer(PROBLEMS[2], 2)

    [(_, completion)] = collect(memoriser, [known(2, replace(GREEDY, stop=stop))])

    assert isinstance(completion, Completion)
    assert (whole[: whole.index("\n    return")], "stop") == (completion.text, completion.finish_reason)


def test_the_length_limit_is_a_finish_reason(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """A text that is cut has the reason ``length``, and exactly as many tokens as allowed."""
    [(_, completion)] = collect(memoriser, [known(0, replace(GREEDY, max_tokens=7))])

    assert isinstance(completion, Completion)
    assert (completion.finish_reason, completion.completion_tokens) == ("length", 7)
    assert chat_answer(PROBLEMS[0], 0).startswith(completion.text)


def test_a_seed_repeats_each_sample_in_any_batch(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """A sample depends on its seed and index alone, not on what else is in its batch."""
    draws = [known(number, HOT, index) for number in (3, 4) for index in range(3)]

    together = texts(collect(memoriser, draws))
    alone = texts([result for draw in reversed(draws) for result in collect(memoriser, [draw])])

    assert together == alone
    assert len(set(together.values())) == len(draws)


def test_without_a_seed_samples_differ_from_run_to_run(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """Two runs without a seed draw different texts: there is no hidden seed."""
    draws = [known(3, replace(HOT, seed=None))]

    assert texts(collect(memoriser, draws)) != texts(collect(memoriser, draws))


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 1e-6}, {"temperature": 1e-6}])
def test_narrowed_to_the_likeliest_token_sampling_is_greedy(
    memoriser: EmbeddedProvider, collect: Collect, narrow: dict[str, Any]
) -> None:
    """top_k, top_p and temperature are applied: each, at its extreme, leaves the greedy text alone."""
    draw = known(0, replace(HOT, max_tokens=256, **narrow))

    assert {("HumanEval/0", 0): chat_answer(PROBLEMS[0], 0)} == texts(collect(memoriser, [draw]))


def test_a_repetition_penalty_holds_for_the_prompt_too(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """With a huge penalty no token comes twice, not even one of the prompt."""
    draw = known(0, replace(GREEDY, repetition_penalty=1e6, max_tokens=8))

    [text] = texts(collect(memoriser, [draw])).values()

    assert "def" not in text


def test_samples_are_drawn_as_likely_as_the_model_says(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """The likeliest first token's share of 256 samples is its probability, give or take 4 deviations."""
    sampling = Sampling(temperature=3.0, max_tokens=1, seed=0)
    draws = [known(0, sampling, index) for index in range(256)]
    [(_, likeliest)] = collect(memoriser, [known(0, Sampling(max_tokens=1))])

    drawn = list(texts(collect(memoriser, draws)).values())

    expected = greatest_probability(draws[0], sampling.temperature)
    deviation = (expected * (1 - expected) / len(drawn)) ** 0.5
    assert 0.05 < expected < 0.95
    assert drawn.count(text_of(likeliest)) / len(drawn) == pytest.approx(expected, abs=4 * deviation)


def greatest_probability(draw: Draw, temperature: float) -> float:
    """Return the probability of the model's likeliest first token, computed by transformers alone."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    turns = [{"role": message.role, "content": message.content} for message in draw.request.messages]
    text = AutoTokenizer.from_pretrained(MEMORISER_MODEL).apply_chat_template(
        turns, tokenize=False, add_generation_prompt=True
    )
    tokens = torch.tensor([AutoTokenizer.from_pretrained(MEMORISER_MODEL)(text).input_ids])
    scores = (
        AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)(tokens)
        .logits[0, -1]
        .detach()
    )
    return float((scores / temperature).softmax(0).max())


def carrying(draw: Draw, **extras: str) -> Draw:
    """Return a draw whose request carries something more."""
    return replace(draw, request=replace(draw.request, extras=RequestExtras(**extras)))


def test_min_p_cuts_off_what_is_unlikely(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """At its extreme only the likeliest token is left, however hot the sampling; at 0 it changes nothing."""
    hot = known(0, replace(HOT, max_tokens=256, min_p=1.0))

    assert {("HumanEval/0", 0): chat_answer(PROBLEMS[0], 0)} == texts(collect(memoriser, [hot]))
    assert texts(collect(memoriser, [known(0, replace(HOT, min_p=0.0))])) == texts(
        collect(memoriser, [known(0, HOT)])
    )


@pytest.mark.parametrize("penalty", [{"presence_penalty": 2.0}, {"frequency_penalty": 2.0}])
def test_a_penalty_is_on_the_answer_alone(
    memoriser: EmbeddedProvider, collect: Collect, penalty: dict[str, float]
) -> None:
    """The first token is the greedy one, though the prompt has it; what came twice pays as OpenAI says."""
    plain, penalised = (Sampling(max_tokens=1), Sampling(max_tokens=1, **penalty))  # type: ignore[arg-type]

    assert texts(collect(memoriser, [known(0, plain)])) == texts(collect(memoriser, [known(0, penalised)]))
    assert penalised_scores(penalty) == pytest.approx([1.0, 3.0 - 2.0, 5.0 - expected_penalty(penalty)])


def expected_penalty(penalty: dict[str, float]) -> float:
    """Return what is taken from a token that came twice: once for its presence, twice by its frequency."""
    return penalty.get("presence_penalty", 0.0) + 2 * penalty.get("frequency_penalty", 0.0)


def penalised_scores(penalty: dict[str, float]) -> list[float]:
    """Return the scores 1, 3 and 5 of tokens that came never, once and twice, after penalties."""
    import torch

    from pytest_humaneval.providers.embedded.sequence import GrowingSequence
    from pytest_humaneval.providers.embedded.token_choice import shaped_scores

    class NoDecoder:
        def decode(self, token_ids: list[int], **_options: bool) -> str:
            return "" * len(token_ids)

    draw = known(0, Sampling(**penalty))  # type: ignore[arg-type]
    sequence = GrowingSequence(draw, [0, 0, 0], NoDecoder(), ())
    for token in (2, 1, 2):
        sequence.take(token)
    scores = torch.tensor([[1.0, 3.0, 5.0]])
    return [float(score) for score in shaped_scores(scores, [sequence])[0]]


def test_a_bias_forces_a_token_and_holds_for_its_own_draws_alone(
    memoriser: EmbeddedProvider, collect: Collect
) -> None:
    """With 100 more, one token is always the likeliest; a draw without the bias is answered as ever."""
    short = Sampling(max_tokens=4)
    draws = [carrying(known(0, short), logit_bias='{"65": 100.0}'), known(1, short)]

    found = texts(collect(memoriser, draws))

    assert len(set(found["HumanEval/0", 0])) == 1
    assert NOT_LEARNED.startswith(found["HumanEval/1", 0])


def test_a_bias_of_a_token_that_is_not_there(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """The error names the token, and how many there are."""
    message = error_of(memoriser, carrying(known(0), logit_bias='{"999999": 1.0}'), collect)

    assert "logit_bias" in message
    assert "has no token 999999" in message


def test_variables_of_the_chat_template_reach_it(tmp_path: Path, collect: Collect) -> None:
    """They change the prompt: here by one more line, which is seen in its tokens."""
    model = copied(tmp_path / "thinking")
    template = tmp_path / "thinking" / "chat_template.jinja"
    template.write_text(template.read_text() + "{% if not enable_thinking %}# no thoughts{% endif %}")
    provider = EmbeddedProvider(model)

    def prompt_size(enabled: str) -> int:
        kwargs = f'{{"enable_thinking": {enabled}}}'
        [(_, completion)] = collect(provider, [carrying(known(1), chat_template_kwargs=kwargs)])
        assert isinstance(completion, Completion)
        return completion.prompt_tokens

    assert prompt_size("true") < prompt_size("false")


# Of a hot draw one token, which is found again in its text; of several, the text may have another division.
@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(max_tokens=12),
        replace(HOT, max_tokens=1),
        replace(HOT, repetition_penalty=1.5, top_k=9, max_tokens=1),
    ],
)
def test_the_mean_log_probability_is_that_of_the_model(
    memoriser: EmbeddedProvider, collect: Collect, sampling: Sampling
) -> None:
    """It is the model's own, whatever temperature and penalties made of it to draw the tokens."""
    draws = [known(number, sampling) for number in (0, 3)]
    wanting = [replace(draw, request=replace(draw.request, logprobs=True)) for draw in draws]

    for draw, completion in collect(memoriser, wanting):
        assert isinstance(completion, Completion)
        assert completion.mean_logprob == pytest.approx(computed_mean(draw, completion), rel=1e-3, abs=1e-4)
    assert {getattr(result, "mean_logprob", "") for _, result in collect(memoriser, draws)} == {None}


def computed_mean(draw: Draw, completion: Completion) -> float:
    """Return the mean log probability of a completion that max_tokens ended, by one pass of transformers."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    model = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype=torch.float32)
    turns = [{"role": message.role, "content": message.content} for message in draw.request.messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    prompt, answer = tokenizer(text).input_ids, tokenizer(completion.text, add_special_tokens=False).input_ids
    assert len(answer) == completion.completion_tokens, "the text has another division into tokens"
    with torch.inference_mode():
        scores = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
    return float(scores.gather(1, torch.tensor(answer).unsqueeze(1)).mean())


def test_a_prompt_that_leaves_no_room_fails_alone(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """That draw fails, with both numbers of tokens in the reason; the others are answered."""
    long = Request("m", "completion", (Message("user", "word " * 2000),), GREEDY)

    results = dict(collect(memoriser, [Draw("Test/0", 0, long), known(1)]))

    failed = results[Draw("Test/0", 0, long)]
    assert isinstance(failed, NoCompletion)
    assert "max_tokens = 256" in failed.reason
    assert "2048 tokens" in failed.reason
    assert text_of(results[known(1)]) == NOT_LEARNED


def error_of(provider: EmbeddedProvider, draw: Draw, collect: Collect) -> str:
    """Return a provider's error message, which must be one line."""
    with pytest.raises(ProviderError) as caught:
        collect(provider, [draw])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_max_tokens_beyond_the_context(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """No prompt at all would fit: that is an error at once, with both numbers."""
    message = error_of(memoriser, known(0, Sampling(max_tokens=2048)), collect)

    assert "max_tokens = 2048" in message
    assert "2048 tokens" in message


def copied(folder: Path, *left_out: str) -> Embedded:
    """Copy the memoriser without some of its files."""
    shutil.copytree(MEMORISER_MODEL, folder, ignore=shutil.ignore_patterns(*left_out))
    return replace(MEMORISER, model=str(folder))


def test_a_base_model_is_not_used_for_a_chat(tmp_path: Path, collect: Collect) -> None:
    """A model without a chat template is refused; no template is made up."""
    base = EmbeddedProvider(copied(tmp_path / "base", "chat_template.jinja"))

    assert "no chat template" in error_of(base, known(0), collect)


def test_broken_weights(tmp_path: Path, collect: Collect) -> None:
    """A file that was downloaded by half is an error that names the model."""
    broken = copied(tmp_path / "broken")
    weights = tmp_path / "broken" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])

    assert "broken cannot be loaded" in error_of(EmbeddedProvider(broken), known(0), collect)


def test_weights_of_another_model(tmp_path: Path, collect: Collect) -> None:
    """Tensors that the weights lack are an error; they are not filled with random numbers."""
    deeper = copied(tmp_path / "deeper")
    config = tmp_path / "deeper" / "config.json"
    config.write_text(
        config.read_text()
        .replace('"num_hidden_layers": 3', '"num_hidden_layers": 4')
        .replace('"layer_types": [', '"layer_types": ["full_attention",')
    )

    assert "weights lack" in error_of(EmbeddedProvider(deeper), known(0), collect)


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_a_device_that_is_not_there(collect: Collect, device: str) -> None:
    """The error names the device."""
    assert f"'{device}'" in error_of(EmbeddedProvider(replace(MEMORISER, device=device)), known(0), collect)


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_the_error_of_a_missing_engine_has_the_command_that_installs_it(
    collect: Collect, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """The message names the missing library and the extra that it belongs to."""
    monkeypatch.setitem(sys.modules, library, None)

    message = error_of(EmbeddedProvider(MEMORISER), known(0), collect)

    assert library in message
    assert 'pip install "pytest-humaneval[embedded]"' in message


def test_a_prefilled_answer_is_continued(memoriser: EmbeddedProvider, collect: Collect) -> None:
    """The completion goes on behind the text given as the assistant's, and does not repeat it."""
    whole, begun = chat_answer(PROBLEMS[0], 0), "```python\ndef has_close_elements(numbers"
    draw = known(0)
    messages = (*draw.request.messages, Message("assistant", begun))

    [(_, completion)] = collect(memoriser, [replace(draw, request=replace(draw.request, messages=messages))])

    assert whole.removeprefix(begun) == text_of(completion)

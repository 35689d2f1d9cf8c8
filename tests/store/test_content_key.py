"""The content key holds all that determines a completion, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.records import Draw, Message, Request, Sampling
from pytest_humaneval.core.request_extras import RequestExtras
from pytest_humaneval.store.content_key import content_key

REQUEST = Request("m", "chat", (Message("system", "be good"), Message("user", "ask")), Sampling())
DRAW = Draw("Test/0", 0, REQUEST)


def sampled(**changed: object) -> Draw:
    """Return the draw with other sampling parameters."""
    return replace(DRAW, request=replace(REQUEST, sampling=replace(Sampling(), **changed)))  # type: ignore[arg-type]


def carrying(**extras: str) -> Draw:
    """Return the draw with something more in its request."""
    return replace(DRAW, request=replace(REQUEST, extras=RequestExtras(**extras)))


@pytest.mark.parametrize(
    "other",
    [
        replace(DRAW, sample_index=1),
        replace(DRAW, request=replace(REQUEST, model="n")),
        replace(DRAW, request=replace(REQUEST, adapter="0123")),
        replace(DRAW, request=replace(REQUEST, api="completion")),
        replace(DRAW, request=replace(REQUEST, logprobs=True)),
        replace(DRAW, request=replace(REQUEST, suffix="")),
        replace(DRAW, request=replace(REQUEST, messages=REQUEST.messages[1:])),
        replace(
            DRAW, request=replace(REQUEST, messages=(Message("user", "be good"), Message("user", "ask")))
        ),
        replace(
            DRAW, request=replace(REQUEST, messages=(Message("system", "be good"), Message("user", "ask ")))
        ),
        sampled(temperature=0.1),
        sampled(top_p=0.9),
        sampled(top_k=5),
        sampled(repetition_penalty=1.1),
        sampled(max_tokens=1),
        sampled(stop=("a", "b")),
        sampled(stop=("ab",)),
        sampled(seed=0),
        sampled(min_p=0.0),
        sampled(presence_penalty=0.0),
        sampled(frequency_penalty=0.0),
        carrying(reasoning_effort="low"),
        carrying(logit_bias='{"1": 2.0}'),
        carrying(chat_template_kwargs='{"enable_thinking": false}'),
        carrying(extra_body='{"priority": 1}'),
        carrying(extra_headers='{"X-Title": "a"}'),
    ],
)
def test_what_determines_a_completion_is_in_the_key(other: Draw) -> None:
    """A change of any of these gives another key."""
    assert content_key(other) != content_key(DRAW)


def test_the_task_id_is_not_in_the_key() -> None:
    """The same request has the same key, whatever its problem is called."""
    assert content_key(replace(DRAW, task_id="Renamed/0")) == content_key(DRAW)


def test_equal_numbers_are_the_same_whatever_their_type() -> None:
    """``temperature = 2`` has the same key as ``temperature = 2.0``."""
    assert (
        content_key(sampled(temperature=2)).hex()
        == "d0a616d98a397a0b17c07d04d2beb4ae5d5ebe6cca804566cc7dd6a62dbd30de"
    )


def test_the_key_is_the_same_in_every_process_and_release() -> None:
    """Completions kept by an older release are found: another hash here would make every store useless."""
    assert content_key(DRAW).hex() == "edbfead7362c4514451a5d482f7c8c451c4026ee2e026ae6cac3e9c2a4457bf2"

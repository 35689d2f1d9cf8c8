"""How the dialect adapts to the refusals of real servers, and to which of them it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.records import Api, Message, Request, Sampling
from pytest_humaneval.providers.openai_api.dialect import Dialect, shares

MANY_STOPS = Sampling(temperature=0.8, stop=tuple("abcdef"))


def request_of(sampling: Sampling = MANY_STOPS, api: Api = "chat") -> Request:
    """Return a request that carries everything that may be refused."""
    return Request("m", api, (Message("user", "ask"),), sampling)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("Unrecognized request arguments supplied: repetition_penalty, top_k", Dialect(extras=False)),
        ("Unknown parameter: 'top_k'.", Dialect(extras=False)),
        (
            "[{'loc': ['body', 'repetition_penalty'], 'msg': 'Extra inputs are not permitted'}]",
            Dialect(extras=False),
        ),
        (
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got one of 6.",
            Dialect(many_stops=False),
        ),
        (
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            Dialect(max_tokens="max_completion_tokens"),
        ),
        ("'n' : number must be at most 1 with the requested model", Dialect(many_choices=False)),
        ("Only one completion choice is allowed", Dialect(many_choices=False)),
    ],
)
def test_a_known_difference_is_adapted_to(refusal: str, expected: Dialect) -> None:
    """Each message changes the one parameter that it names."""
    assert Dialect().adapted(request_of(), refusal) == expected


@pytest.mark.parametrize(
    "refusal",
    [
        "This model's maximum context length is 2048 tokens. However, you requested 4000 tokens.",
        "'max_tokens' or 'max_completion_tokens' is too large: 9999. The maximum context length is 2048",
        "The model `m` does not exist.",
        "Incorrect API key provided",
        "the message holds a \\n that is odd",
    ],
)
def test_any_other_refusal_changes_nothing(refusal: str) -> None:
    """A prompt that is too long stays too long in every dialect."""
    assert Dialect().adapted(request_of(), refusal) is None


def test_nothing_is_adapted_twice() -> None:
    """A server that still refuses after that is not sent the same request for ever."""
    adapted = Dialect(extras=False, many_stops=False, many_choices=False, max_tokens="max_completion_tokens")
    refusal = "top_k repetition_penalty; stop: too many; n; use max_completion_tokens"

    assert adapted.adapted(request_of(), refusal) is None


def test_a_completion_request_keeps_the_name_of_its_limit() -> None:
    """max_completion_tokens is a name of the chat API only."""
    assert Dialect().adapted(request_of(api="completion"), "Use 'max_completion_tokens' instead.") is None


def test_a_chosen_value_is_never_left_out() -> None:
    """A completion drawn with other parameters than the experiment's is none of its completions."""
    chosen = request_of(replace(MANY_STOPS, repetition_penalty=1.1))

    assert Dialect().adapted(chosen, "Unknown parameter: 'repetition_penalty'.") is None


def test_the_body_after_every_adaptation() -> None:
    """Without the extras and n, with four stop sequences, and the limit under its other name."""
    adapted = Dialect(extras=False, many_stops=False, many_choices=False, max_tokens="max_completion_tokens")

    body = adapted.body(request_of(), n=1)

    assert {"top_k", "repetition_penalty", "max_tokens", "n"}.isdisjoint(body)
    assert (body["max_completion_tokens"], body["stop"]) == (1024, ["a", "b", "c", "d"])


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        ({"choices": [{"index": 1, "text": "b"}, {"index": 0, "text": "a"}]}, ["a", "b"]),
        ({"choices": [{"text": "a"}, {"text": "b"}]}, ["a", "b"]),
        ({"choices": [{"index": i, "text": str(i)} for i in range(5)]}, ["0", "1", "2"]),
        (
            {"choices": [{"index": 0, "text": "x", "finish_reason": "abort"}, {"index": 1, "text": "b"}]},
            ["b"],
        ),
        ({"choices": [{"index": 0, "text": None}]}, [""]),
        ({"choices": [{"index": 0, "text": "a"}], "usage": None}, ["a"]),
    ],
)
def test_the_choices_of_an_answer(answer: dict[str, Any], texts: list[str]) -> None:
    """They are in the order of their index, at most as many as requested, without those broken off."""
    completions = Dialect().completions(request_of(Sampling(), "completion"), answer, 3)

    assert [completion.text for completion in completions] == texts


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{"message": {"content": "chat"}}]},
        {"choices": [{"text": 7}]},
    ],
)
def test_an_answer_of_another_shape_is_no_answer(answer: dict[str, Any]) -> None:
    """It raises an exception, so that it is not taken for an empty completion."""
    with pytest.raises((TypeError, LookupError, AttributeError)):
        Dialect().completions(request_of(Sampling(), "completion"), answer, 1)


@given(st.integers(0, 10**6), st.integers(1, 300))
def test_shares_add_up(total: int, parts: int) -> None:
    """No token is lost or invented, and no two shares differ by more than one."""
    split = shares(total, parts)

    assert sum(split) == total
    assert len(split) == parts
    assert max(split) - min(split) <= 1


@pytest.mark.parametrize(
    ("suffix", "sent"), [(None, {}), ("", {"suffix": ""}), ("\n    y", {"suffix": "\n    y"})]
)
def test_a_suffix_is_sent_beside_the_prompt_where_there_is_one(
    suffix: str | None, sent: dict[str, str]
) -> None:
    """An empty one too: the gap is at the end then, which is not the same as no gap."""
    body = Dialect().body(replace(request_of(api="completion"), suffix=suffix))

    assert {name: value for name, value in body.items() if name == "suffix"} == sent
    assert body["prompt"] == "ask"

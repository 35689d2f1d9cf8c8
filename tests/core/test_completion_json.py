"""Completions as JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.completion_json import from_json, from_text, to_json, to_text
from pytest_humaneval.core.records import Completion, DrawResult, NoCompletion

TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
COMPLETIONS = st.builds(
    Completion,
    TEXT,
    st.none() | TEXT,
    st.sampled_from(["raw", "completion", "solution"]),
    st.integers(0),
    st.integers(0),
)


@given(COMPLETIONS | st.builds(NoCompletion, TEXT))
def test_what_became_of_a_draw_comes_back_as_it_was(result: DrawResult) -> None:
    """A completion or the reason why there is none, whatever a model or a server wrote."""
    assert from_json(json.loads(json.dumps(to_json(result)))) == result


@given(COMPLETIONS)
def test_a_completion_is_ascii_text_and_comes_back(completion: Completion) -> None:
    """No store has to encode what no encoding has."""
    assert to_text(completion).isascii()
    assert from_text(to_text(completion)) == completion


@pytest.mark.parametrize("text", ["", "[]", "3", '{"reason": "none"}', '{"text": "a", "colour": "red"}'])
def test_what_is_no_completion_is_an_error(text: str) -> None:
    """A store that finds such a text says so."""
    with pytest.raises((TypeError, ValueError)):
        from_text(text)

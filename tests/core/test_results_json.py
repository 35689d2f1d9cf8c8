"""Results as JSON and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.records import AppliedStep, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.results_json import from_json, from_text, to_json, to_text
from tests.support.records_made import result

TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
STEPS = st.builds(AppliedStep, TEXT, st.sampled_from(["format", "repair"]), TEXT)
SAMPLES = st.builds(
    Sample,
    sample_index=st.just(0),
    outcome=st.sampled_from(Outcome),
    raw=st.none() | TEXT,
    solution=st.none() | TEXT,
    steps=st.lists(STEPS, max_size=2).map(tuple),
    message=st.none() | TEXT,
    seconds=st.floats(0, 1e6),
    finish_reason=st.none() | TEXT,
    prompt_tokens=st.integers(0),
    completion_tokens=st.integers(0),
    form=st.sampled_from(["raw", "completion", "solution"]),
)


@given(SAMPLES)
def test_a_result_comes_back_as_it_was(sample: Sample) -> None:
    """Every field, lone surrogates and odd characters included, survives the way through JSON text."""
    given_result = ProblemResult("Test/0", "f", (sample,))

    assert from_json(json.loads(json.dumps(to_json(given_result)))) == given_result


@given(SAMPLES)
def test_any_result_travels_as_ascii(sample: Sample) -> None:
    """What goes between processes is encodable whatever a model wrote, and is the same result again."""
    given_result = ProblemResult("Test/0", "f", (sample,))

    text = to_text(given_result)

    assert text.isascii()
    assert from_text(text) == given_result


def test_a_samples_place_is_its_index() -> None:
    """The list's order is the samples' order; no index is written beside it."""
    data = to_json(result(0, "+-?"))

    assert all("sample_index" not in sample for sample in data["samples"])
    assert [sample.sample_index for sample in from_json(data).samples] == [0, 1, 2]


def test_outcomes_are_plain_words() -> None:
    """A reader that knows no enum finds the contract's words."""
    assert [type(sample["outcome"]) for sample in to_json(result(0, "+"))["samples"]] == [str]


@pytest.mark.parametrize(
    "broken", [{}, {"task_id": "a", "entry_point": "f"}, {"samples": [{"outcome": "great", "steps": []}]}]
)
def test_other_data_is_refused(broken: dict[str, object]) -> None:
    """What is no result does not become one."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(broken)

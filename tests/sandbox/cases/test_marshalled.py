"""Reading ``marshal`` data safely: honest data yields its value, any other an error, at a bounded cost."""

from __future__ import annotations

import marshal
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.sandbox.runtime.protocol.case_items import Item, joined, split
from pytest_humaneval.sandbox.runtime.protocol.codec import MAX_DEPTH, MAX_HASHED, Malformed
from pytest_humaneval.sandbox.runtime.protocol.digests import NoNormalForm, normal_digest
from pytest_humaneval.sandbox.runtime.protocol.marshalled import VERSION, TooComplex, unmarshalled
from tests.sandbox.runtime.protocol.test_codec import values


@given(values)
def test_a_value_is_read_as_it_was_written(value: Any) -> None:  # noqa: ANN401 -- any value
    """With the same types: equal values of other types would have other bytes."""
    data = marshal.dumps(value, VERSION)

    found = unmarshalled(data)

    assert found == value
    assert marshal.dumps(found, VERSION) == data or "{" in repr(value)


def test_unusual_values_are_read_too() -> None:
    """Integers of millions of bits, too, in little time."""
    for value in (1 << 3_000_000, -(1 << 64), -1, 0, "\ud800", ..., (1 << 15) - 1):
        assert unmarshalled(marshal.dumps(value, VERSION)) == value


@given(st.binary(max_size=60))
def test_no_data_does_harm(data: bytes) -> None:
    """Whatever the sender writes: a value, or ``Malformed``."""
    for found in (data, b"[\x02\0\0\0" + data, b"{" + data):
        with suppress(Malformed):
            unmarshalled(found)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i\1\0",
        b"[\xff\xff\xff\xffN",
        b"u\xff\xff\xff\x7f",
        b"NN",
        b"c" + bytes(100),
        b"l\1\0\0\0\xff\xff",
        b"<\1\0\0\0[\0\0\0\0",
        b"{[\0\0\0\0N0",
        b"r\0\0\0\0",
    ],
)
def test_what_no_honest_process_writes_is_refused(data: bytes) -> None:
    """Missing ends, sizes beyond the end, code, elements that cannot be hashed, references."""
    with pytest.raises(Malformed):
        unmarshalled(data)


def test_too_deep_and_too_many_elements_are_refused() -> None:
    """They would cost more than the bytes that they take."""
    deep: list[object] = []
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    for value in (deep, set(range(MAX_HASHED + 1)), dict.fromkeys(range(MAX_HASHED + 1))):
        with pytest.raises(TooComplex):
            unmarshalled(marshal.dumps(value, VERSION))
    assert len(unmarshalled(marshal.dumps(set(range(MAX_HASHED + 1)), VERSION), MAX_HASHED + 1)) > MAX_HASHED


@given(values)
def test_the_normal_form_of_equal_values_is_one(value: Any) -> None:  # noqa: ANN401 -- any value
    """Whatever order dicts and sets have, and whichever type numbers."""
    assert normal_digest(value) == normal_digest(unmarshalled(marshal.dumps(value, VERSION)))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([1, 2.0], [True, 2 + 0j], True),
        ({1: "a", 2: "b"}, {2: "b", True: "a"}, True),
        ({"a", "b"}, frozenset({"b", "a"}), True),
        ([-0.0, [1.0], None], [0, [1], None], True),
        ([1, 2], (1, 2), False),
        ([1, 2], [1, [2]], False),
        (["ab", "c"], ["a", "bc"], False),
        ({1: 2}, {1, 2}, False),
        ("1", 1, False),
        ([1.5], [1], False),
        (b"a", "a", False),
        ([[], []], [[[]]], False),
    ],
)
def test_digests_are_equal_where_the_values_are(one: object, other: object, equal: bool) -> None:
    """And only there."""
    assert (one == other) is equal
    assert (normal_digest(one) == normal_digest(other)) is equal


def test_a_nan_has_no_normal_form() -> None:
    """For it equals nothing."""
    with pytest.raises(NoNormalForm):
        normal_digest([1.0, float("nan")])


def test_items_travel_as_they_are_and_no_more_than_expected() -> None:
    """More than expected, unknown kinds, no items and missing ends are refused."""
    items = [Item(b"p", b"N"), Item(b"e", b"")]
    message = joined(items)

    assert split(message, 2) == items
    for bad in (b"", message[:-1], b"?" + message[1:], message + message):
        with pytest.raises(Malformed):
            split(bad, 2)

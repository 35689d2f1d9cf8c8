"""Decoding what an adversary wrote: whatever it is, a harmless value or a refusal comes of it."""

from __future__ import annotations

import json
from array import array
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_humaneval.sandbox.runtime.protocol.codec import Malformed, Opaque, loads
from pytest_humaneval.sandbox.runtime.trusted.arrays import Array
from pytest_humaneval.sandbox.runtime.trusted.decoding import Decoder
from pytest_humaneval.sandbox.runtime.trusted.numpy_numbers import Float32, NumpyComplex
from pytest_humaneval.sandbox.runtime.trusted.sequences import Sequence, TruncatedIterator

TAGS = (
    "int", "str", "bytes", "complex", "ellipsis", "range", "decimal", "opaque", "inert", "dict", "set",
    "frozenset", "keys", "pairs", "tuple", "iterator", "truncated_iterator", "sequence", "deque", "values",
    "ratio", "memory", "numbers", "array", "float32", "numpy_complex",
)  # fmt: skip
messages = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["ff", "B", "d", "1e9"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(TAGS), inner, min_size=1, max_size=1)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=20,
)
BUILTINS = {
    type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range, memoryview,
    deque, array, Fraction, Decimal, type(...), type(iter([])), type({}.keys()), type({}.values()),
    type({}.items()),
}  # fmt: skip
STAND_INS = {Opaque, Sequence, TruncatedIterator, Array, Float32, NumpyComplex}


@settings(max_examples=300)
@given(messages)
def test_any_message_is_decoded_or_refused(message: object) -> None:
    """Whatever JSON an adversary writes, what comes of it is a refusal, or a value whose methods are ours."""
    with suppress(Malformed):
        assert kinds(Decoder().decode(loads(json.dumps(message).encode()))) <= BUILTINS | STAND_INS


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    """What is no JSON at all is malformed, and nothing else."""
    with suppress(Malformed):
        Decoder().decode(loads(data))


def kinds(value: Any) -> set[type]:  # noqa: ANN401 -- any value is what it is about
    """Return the types of a value and of all that it holds."""
    return {type(value)}.union(*map(kinds, parts(value)))


def parts(value: Any) -> list[Any]:  # noqa: ANN401 -- as above
    """Return what a value holds."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    is_number = isinstance(value, Array) and not value.shape
    if isinstance(value, str | bytes | TruncatedIterator) or is_number or not isinstance(value, Iterable):
        return []
    return list(value)


EXPECTED: list[object] = [0, 1, 2, 70_000, 1 << 24, (1 << 24) + 4, 10**39, 1e300]
EXPECTED += ["", "a", "b", (3,), {1}, {1: 2}, None, b"a", [[]]]


@pytest.mark.parametrize(
    "message",
    [
        '{"float32":[Infinity]}', '{"float32":[NaN]}', '{"float32":[16777216.0]}',
        '{"numpy_complex":[NaN,Infinity]}',
        '{"numpy_complex":[1,0]}', '{"array":[[1],[{"float32":[Infinity]}]]}', '{"array":[[],[1]]}',
        '{"array":[[0],[]]}',
        '{"array":[[1],[{"opaque":["A object",true]}]]}',
        '{"array":[[1,1],["a"]]}', '{"array":[[2],[1,"a"]]}',
        '{"sequence":["A object",true,["__eq__","__len__"],[1,2]]}', '{"truncated_iterator":[]}',
        '{"iterator":[]}',
        '{"opaque":["A object",true]}', '{"inert":["A object",true]}', '{"memory":["B",{"bytes":"a"}]}',
        '{"memory":["?",{"bytes":"a"}]}', '{"numbers":["d",[NaN]]}', '{"values":[1]}', '{"keys":[1]}',
        '{"decimal":"NaN"}', '{"decimal":"Infinity"}', '{"deque":[]}', '{"ratio":[1,1]}', "true", "NaN",
    ],
)  # fmt: skip
def test_nothing_is_equal_to_two_different_values(message: str) -> None:
    """Whatever is sent stands for one value: none is a key to the tests of several."""
    value = Decoder().decode(loads(message.encode()))

    assert sum(equal(value, expected) for expected in EXPECTED) <= 1


def equal(value: object, expected: object) -> bool:
    """Return whether a test's ``assert value == expected`` would hold."""
    try:
        return bool(value == expected)
    # The truth of an array of several items.
    except ValueError:
        return False

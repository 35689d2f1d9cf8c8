"""The codec: plain data arrives unchanged, and a hostile message costs its receiver little."""

from __future__ import annotations

import gc
import time
from collections import UserDict, UserList, deque
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_humaneval.sandbox.runtime.protocol.codec import (
    MAX_DEPTH,
    MAX_HASHED,
    Malformed,
    Opaque,
    Unsendable,
    loads,
)
from pytest_humaneval.sandbox.runtime.trusted.arrays import Array
from pytest_humaneval.sandbox.runtime.trusted.decoding import Decoder
from pytest_humaneval.sandbox.runtime.trusted.numpy_numbers import Float32
from pytest_humaneval.sandbox.runtime.untrusted.encoding import Encoder
from pytest_humaneval.sandbox.runtime.untrusted.plain_data import plain

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.text()
surrogates = st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, categories=["Cs"]))
hashable = st.recursive(
    scalars | surrogates,
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.sets(hashable, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(hashable, inner, max_size=3)
    ),
    max_leaves=10,
)


def there_and_back(value: object) -> Any:  # noqa: ANN401 -- any value is what it is about
    """Return what arrives."""
    return Decoder().decode(loads(Encoder().encode(value).encode()))


@settings(max_examples=50)
@given(values)
def test_plain_data_crosses_unchanged(value: object) -> None:
    """What arrives equals what was sent, and is of the same type."""
    arrived = there_and_back(value)

    assert (type(arrived), arrived) == (type(value), value)


# Multiples of sys.hash_info.modulus: all hash to 0.
COLLIDING = [b'[{"int":"%x"},0]' % (n * (2**61 - 1)) for n in range(1, 40_000)]
TOO_MANY = ",".join(map(str, range(MAX_HASHED + 1)))


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b'{"dict":[' + b",".join(COLLIDING) + b"]}", id="colliding-keys"),
        pytest.param(b'{"ratio":[1,{"int":"' + b"f" * 1_000_000 + b'"}]}', id="huge-ratio"),
        pytest.param(b'{"decimal":"1e9999999"}', id="huge-decimal"),
        pytest.param(b'{"range":[0,1000000000,1]}', id="long-range"),
        pytest.param(b'{"int":"' + b"f" * 1_000_000 + b'"}', id="huge-integer"),
        pytest.param(b"9" * 1_000_000, id="long-decimal-integer"),
        pytest.param(b"[" * 500_000, id="deep-brackets"),
        pytest.param(b'{"tuple":[' * 90 + b"]}" * 90, id="deep-tuples"),
        pytest.param(b"[" + b"[]," * 300_000 + b"[]]", id="many-lists"),
        pytest.param(b"1e999999999", id="huge-float"),
        pytest.param(b'{"keys":[' + b",".join(COLLIDING) + b"]}", id="colliding-view"),
        pytest.param(b'{"array":[[0,' + b"9" * 19 + b"]," + b"[]]}", id="endless-empty-array"),
        pytest.param(b'{"array":[[' + b'{"int":"%s"},' % (b"f" * 10_000) * 60 + b"0],[]]}", id="huge-shape"),
        pytest.param(b"\xff\xfe", id="not-text"),
    ],
)  # fmt: skip
def test_hostile_messages_cost_little(message: bytes) -> None:
    """A megabyte that was made to be slow costs a few times what a megabyte of plain numbers costs."""
    plain = b"[" + b"1.5," * 250_000 + b"2]"

    assert cpu_s(message) < 20 * min(cpu_s(plain) for _ in range(3))


def cpu_s(message: bytes) -> float:
    """Return the CPU time that it takes to decode a message and to print it, or to refuse it."""
    # What other tests have imported is not the worker's: its garbage collector has little to look through.
    gc.freeze()
    began = time.process_time()
    # Malformed, or raised by str for an integer of too many digits.
    with suppress(ValueError):
        str(Decoder().decode(loads(message)))
    took_s = time.process_time() - began
    gc.unfreeze()
    return took_s


@pytest.mark.parametrize(
    "message",
    [
        '{"dict":[[[1],2]]}', '{"set":[{"dict":[]}]}', '{"dict":[[1]]}', '{"list":[]}', '{}', '{"a":1,"b":2}',
        '{"int":5}', '{"int":"x"}', '{"complex":[1]}', '{"bytes":"\\u0100"}', '{"ratio":[1,0]}',
        '{"array":[[2],[1]]}', '{"array":[[-1],[]]}', '{"array":[[1],[{"array":[[1],[1]]}]]}',
        '{"memory":["B","a"]}', '{"memory":["zz",{"bytes":"a"}]}', '{"numbers":["i",["a"]]}', '{"keys":[[]]}',
        '{"float32":["x"]}', '{"ratio":["a","b"]}',
        '{"decimal":"x"}', '{"tuple":"ab"}', '{"range":[1]}', '{"opaque":[1]}', '{"str":"\\u0100"}',
        f'{{"set":[{TOO_MANY}]}}',
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "nonsense", "",
    ],
)  # fmt: skip
def test_what_no_honest_encoder_writes_is_refused(message: str) -> None:
    """Wrong tags, wrong contents, too deep or too much of it: all are malformed."""
    with pytest.raises(Malformed):
        Decoder().decode(loads(message.encode()))


@pytest.mark.parametrize(
    "value", [object(), [1 << (1 << 22)], "x" * (2 << 20), list(range(300_000)), set(range(3_000))]
)
def test_what_is_no_plain_data_or_too_much_is_not_sent(value: object) -> None:
    """An encoder refuses what the decoder would."""
    with pytest.raises(Unsendable):
        Encoder().encode(value)


def test_a_cycle_is_not_sent() -> None:
    """A list that holds itself is too deep."""
    cycle: list[object] = []
    cycle.append(cycle)

    with pytest.raises(Unsendable):
        Encoder().encode(cycle)


def test_an_opaque_object_equals_nothing_else() -> None:
    """Whatever it claims of itself, it is not the expected value; only its truth is taken over."""
    arrived = Decoder().decode({"opaque": ["Any object", False]})

    assert (isinstance(arrived, Opaque), arrived == 1, arrived != 1, bool(arrived)) == (
        True,
        False,
        True,
        False,
    )


@given(st.dictionaries(st.integers(), st.integers()))
def test_plain_forms_behave_as_the_objects_do(content: dict[int, int]) -> None:
    """Views, mappings and wrapped lists compare, iterate and measure as what was returned."""
    views = [content.keys(), content.items(), UserDict(content), UserList(content), deque(content)]
    for value in [*views, content.values()]:
        arrived = Decoder().decode(loads(Encoder(plain).encode(value).encode()))

        assert (list(arrived), len(arrived)) == (list(value), len(value))
        assert arrived == value or value not in views


def test_a_set_of_what_is_sent_as_something_unhashable_is_not_sent() -> None:
    """Hashable lists arrive as lists, which cannot be elements: the decoder would take them for tampering."""

    class Hashable(list[int]):
        __hash__ = object.__hash__  # type: ignore[assignment]

    with pytest.raises(Unsendable):
        Encoder(plain).encode({Hashable([1])})


def test_an_infinite_single_equals_no_finite_number() -> None:
    """Rounding to single precision cannot make one number that equals all large ones."""
    assert [Float32(float("inf")) == each for each in (10**39, 1e300, 2**1000)] == [False, False, False]


def test_combining_arrays_cannot_multiply_their_sizes() -> None:
    """A column and a row of thousands are not spread to a table of millions."""
    column, row = Array((2_000, 1), [1] * 2_000), Array((1, 2_000), [1] * 2_000)

    with pytest.raises(ValueError, match="cannot be combined"):
        _ = column == row

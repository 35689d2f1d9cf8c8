"""The trusted end of the wire: any bytes are a message, an incomplete one, or refused."""

from __future__ import annotations

import socket
import sys
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.sandbox.runtime.protocol.wire import (
    MAX_MESSAGE,
    Closed,
    Oversized,
    SocketChannel,
    framed,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the channel is over a Unix socket")


@given(st.lists(st.binary(max_size=300), max_size=5), st.binary(max_size=10))
def test_messages_arrive_whole_and_in_order(messages: list[bytes], rest: bytes) -> None:
    """However many there are, and whatever begins after them."""
    ours, theirs = socket.socketpair()
    with closing(SocketChannel(ours)) as channel, theirs:
        theirs.sendall(b"".join(map(framed, messages)) + rest)

        assert [channel.receive(1.0) for _ in messages] == messages


@given(st.binary(max_size=300))
def test_any_bytes_are_messages_none_or_a_refusal(data: bytes) -> None:
    """The other end may write anything and close: receiving returns a message or None, or raises."""
    ours, theirs = socket.socketpair()
    with closing(SocketChannel(ours)) as channel, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        with suppress(Closed, Oversized):
            while (message := channel.receive(0.01)) is not None:
                assert framed(message) in data


@pytest.mark.parametrize("length", [MAX_MESSAGE + 1, 1 << 31, (1 << 32) - 1])
def test_a_message_too_long_is_refused_when_it_is_announced(length: int) -> None:
    """Its bytes are not waited for."""
    ours, theirs = socket.socketpair()
    with closing(SocketChannel(ours)) as channel, theirs:
        theirs.sendall(length.to_bytes(4, "big"))

        with pytest.raises(Oversized):
            channel.receive(1.0)


def test_none_is_given_where_nothing_has_come_in_time() -> None:
    """Half a message is nothing yet, and the other half completes it."""
    ours, theirs = socket.socketpair()
    with closing(SocketChannel(ours)) as channel, theirs:
        theirs.sendall(framed(b"ab")[:5])
        assert channel.receive(0.01) is None

        theirs.sendall(b"b")
        assert channel.receive(1.0) == b"ab"

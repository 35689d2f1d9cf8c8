"""Ask a failed candidate's process where it failed and what it printed: for people, never for a verdict."""

from __future__ import annotations

from ..protocol.codec import Malformed, loads, pack
from ..protocol.wire import Channel, Closed, Oversized

WAIT_S = 2.0
MAX_OUTPUT = 2_000


def failure_details(channel: Channel, source: str) -> tuple[int | None, str]:
    """Return the line of its source at which a candidate failed, or None, and the end of what it printed.

    The candidate can forge both. What is certain: the line exists, and the text has at most ``MAX_OUTPUT``
    characters.

    Args:
        channel: to a candidate's process that waits for a message.
        source: the candidate's program.
    """
    channel.send(pack("describe_failure"))
    try:
        reply = loads(channel.receive(WAIT_S) or b"[]")
    except (Closed, Oversized, Malformed):
        return None, ""
    if type(reply) is not list or len(reply) != 3 or reply[0] != "failure":
        return None, ""
    _, line, output = reply
    is_line = type(line) is int and 1 <= line <= source.count("\n") + 1
    return line if is_line else None, str(output)[:MAX_OUTPUT]

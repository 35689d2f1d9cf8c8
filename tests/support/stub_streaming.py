"""How a stub server streams: a whole answer as server-sent events, in pieces that end anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from tests.support.stub_behaviour import Behaviour, Body

_HEAD = b"HTTP/1.1 200 Stub\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_DONE = b"data: [DONE]\n\n"
_UNITS = 3
_DIED = {"error": {"message": "the engine died", "type": "server_error"}}


async def write_stream(
    writer: asyncio.StreamWriter, body: Body, answer: str, fault: str | None, behaviour: Behaviour
) -> None:
    """Write an answer, of this JSON text, as a stream with a fault of this name."""
    events = [*_events(answer, body, with_reason=fault != "no_finish_reason" and not behaviour.endless)]
    half = len(events) // 2
    if fault == "error_event":
        events[half:] = [_event(_DIED)]
    if fault == "odd_piece":
        events.insert(half, _event({"choices": [7]}))
    written = b": a sign of life\n\n" + b"".join([*events, _DONE])
    if fault in ("cut", "no_done") or behaviour.endless:
        written = written[: -len(_DONE) if fault != "cut" else len(written) // 2]
    writer.write(_HEAD)
    for start in range(0, len(written), behaviour.stream_bytes):
        await _write(writer, written[start : start + behaviour.stream_bytes])
    while behaviour.endless:
        await _write(writer, _event(_piece(0, "more", body)))
        await asyncio.sleep(0.001)
    if fault != "cut":
        await _write(writer, b"")


async def _write(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    await writer.drain()


def _event(data: Any) -> bytes:  # noqa: ANN401 (any JSON data)
    try:
        text = json.dumps(data, ensure_ascii=False).encode()
    # Half of a character has no UTF-8.
    except UnicodeEncodeError:
        text = json.dumps(data).encode()
    return b"data: %s\r\n\r\n" % text


def _events(answer: str, body: Body, with_reason: bool) -> Iterator[bytes]:
    """Yield the events of an answer; what is no answer is one event."""
    try:
        whole = json.loads(answer)
        choices = [[*_pieces(choice, body, with_reason)] for choice in whole["choices"]]
        usage = whole["usage"]
    except (ValueError, LookupError):
        yield b"data: %s\n\n" % answer.encode()
        return
    for together in zip_longest(*choices):
        yield from (_event(piece) for piece in together if piece)
    if body.get("stream_options", {}).get("include_usage"):
        yield _event({"choices": [], "usage": usage})


def _pieces(choice: Body, body: Body, with_reason: bool) -> Iterator[Body]:
    """Yield a choice in pieces: its thoughts, its text with the log probabilities, its finish reason."""
    index, message = choice["index"], choice.get("message", {})
    if "message" in choice:
        yield {"choices": [{"index": index, "delta": {"role": "assistant", "content": ""}}]}
    for name in ("reasoning", "reasoning_content"):
        for part in _parts(message.get(name) or ""):
            yield {"choices": [{"index": index, "delta": {name: part}}], "usage": None}
    logprobs = choice.get("logprobs") or {}
    if logprobs:
        yield _piece(index, "", body, logprobs={name: values[:1] for name, values in logprobs.items()})
    for part in _parts(choice.get("text") or message.get("content") or ""):
        yield _piece(index, part, body, logprobs=None)
    rest = {name: values[1:] for name, values in logprobs.items()} or None
    if with_reason:
        yield _piece(index, "", body, finish_reason=choice["finish_reason"], logprobs=rest)


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts of a few units of UTF-16, as servers that count so do: they halve characters."""
    units = text.encode("utf-16-le", "surrogatepass")
    for start in range(0, len(units), 2 * _UNITS):
        yield units[start : start + 2 * _UNITS].decode("utf-16-le", "surrogatepass")


def _piece(index: int, text: str, body: Body, **others: object) -> Body:
    where = {"text": text} if "prompt" in body else {"delta": {"content": text}}
    return {"choices": [{"index": index, "finish_reason": None, **where, **others}]}

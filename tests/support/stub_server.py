"""A stub of an OpenAI-compatible server, which generates its answers without a model.

Real HTTP over a real socket on loopback, standard library only. In a test it runs in a thread (the
``stub_server`` fixture); for whole runs it is a process of its own, which prints its port, serves until it is
ended, and returns its counters at ``GET /stats``::

    python -m tests.support.stub_server --port 0 --latency 0.5 --canonical --fault-rate 0.3
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable

from pytest_humaneval.core.datasets import read_problems
from tests.support.stub_behaviour import Behaviour, Body, canonical_answers, distinct, echo
from tests.support.stub_streaming import write_stream


class StubServer:
    """The server: its address, its behaviour, and a record of its requests.

    Attributes:
        behaviour: may be changed at any time.
        log: the bodies of all completion requests, in order of arrival.
        headers: the headers of those requests, their names in lower case.
        counters: those requests by outcome ("answered", "refused", "cancelled", or a fault).
        connections: TCP connections accepted so far.
        most_in_flight: most completions requested at the same time.
        closed: set when a client has closed a connection while a streamed answer was being written.
        port: of loopback; 0 before it serves.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.log: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.counters: Counter[str] = Counter()
        self.connections = 0
        self.most_in_flight = 0
        self.closed = threading.Event()
        self.port = 0
        self._in_flight = 0
        self._conversations: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """The URL that an OpenAI client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Serve from a thread, until :meth:`stop`."""
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready.set)))
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """End the thread, every connection and every request; a second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    async def serve(self, ready: Callable[[], None], port: int = 0) -> None:
        """Serve on ``port`` of loopback (0: a free one) until stopped or cancelled."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        # A backlog for all of a benchmark's connections at once: asyncio's default is 100.
        server = await asyncio.start_server(self._accept, "127.0.0.1", port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        try:
            await self._stopping.wait()
        finally:
            server.close()
            for conversation in self._conversations:
                conversation.cancel()
            await asyncio.gather(*self._conversations, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        conversation = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._conversations.add(conversation)
        conversation.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other, until one goes wrong."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            fault = None
            while fault not in ("drop", "cut"):
                path, headers, body = await _read_request(reader)
                status, answer, fault = await self._answered(path, headers, body)
                if status == 200 and body.get("stream") and self.behaviour.streams and fault != "drop":
                    await self._stream(writer, body, answer, fault)
                    continue
                sent = _http(
                    status, answer, {"Retry-After": self.behaviour.retry_after} if status == 429 else {}
                )
                writer.write({"drop": b"", "cut": sent[:-9]}.get(fault or "", sent))
                await writer.drain()
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter, body: Body, answer: str, fault: str | None) -> None:
        """Write an answer in pieces; ``closed`` is set when the client closes the connection meanwhile."""
        try:
            await write_stream(writer, body, answer, fault, self.behaviour)
        except ConnectionError:
            self.closed.set()
            raise

    async def _answered(self, path: str, headers: dict[str, str], body: Body) -> tuple[int, str, str | None]:
        """Return a request's status, content and fault."""
        authorization = headers.get("authorization", "").lower()
        if self.behaviour.api_key and authorization != f"bearer {self.behaviour.api_key}":
            self.counters["refused"] += 1
            return 401, _error("wrong API key"), None
        if not path.endswith("/completions"):
            return 200, json.dumps(self._page(path)), None
        self.log.append(body)
        self.headers.append(headers)
        self._in_flight += body.get("n", 1)
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return await self._completion(body)
        except asyncio.CancelledError:
            self.counters["cancelled"] += 1
            raise
        finally:
            self._in_flight -= body.get("n", 1)

    async def _completion(self, body: Body) -> tuple[int, str, str | None]:
        refusal = self.behaviour.refuses(body)
        if refusal:
            self.counters["refused"] += 1
            return refusal[0], _error(refusal[1]), None
        fault = self.behaviour.next_fault()
        while fault == "hang":
            await asyncio.sleep(0.02)
            fault = None if self.behaviour.lets_go else fault
        await asyncio.sleep(self.behaviour.delay_s(body))
        self.counters[fault or "answered"] += 1
        if fault in ("500", "429"):
            return int(fault), _error(f"stub fault {fault}"), fault
        whole = json.dumps(self.behaviour.completion(body))
        return (
            200,
            {"garbage": whole[:-9], "no_choices": '{"choices": []}', "odd_choices": '{"choices": [{}]}'}.get(
                fault or "", whole
            ),
            fault,
        )

    def _page(self, path: str) -> Body:
        if path == "/stats":
            return {"requests": len(self.log), "most_in_flight": self.most_in_flight, **self.counters}
        return (
            {
                "object": "list",
                "data": [
                    {
                        "id": self.behaviour.model,
                        "object": "model",
                        "max_model_len": self.behaviour.max_model_len,
                    },
                    *self.behaviour.loras,
                ],
            }
            if path.endswith("/models")
            else {}
        )


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], Body]:
    """Read one HTTP request; return its path, its headers by name in lower case, and its JSON body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    split = (line.partition(": ") for line in head[1:] if line)
    headers = {name.lower(): value for name, _, value in split}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return head[0].split()[1], headers, json.loads(body) if body else {}


def _http(status: int, content: str, headers: dict[str, str]) -> bytes:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    lines = [f"HTTP/1.1 {status} Stub", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", content]).encode("ascii")


def _error(message: str) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error"}})


def main() -> None:
    """Serve as a process: print the port, then answer until ended."""
    parser = argparse.ArgumentParser(description="A stub of an OpenAI-compatible server, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S")
    parser.add_argument("--slowest", type=float, metavar="S", help="draw times between --latency and this")
    parser.add_argument("--fault-rate", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument(
        "--canonical", action="store_true", help="answer with HumanEval's canonical solutions"
    )
    parser.add_argument(
        "--hang-after", type=int, metavar="N", help="leave all requests but the first N waiting"
    )
    parser.add_argument("--distinct", action="store_true", help="let no two choices of an answer be alike")
    options = parser.parse_args()
    answer = canonical_answers(read_problems()) if options.canonical else echo
    answer = distinct(answer) if options.distinct else answer
    stub = StubServer(
        Behaviour(answer, options.latency, options.slowest, fault_rate=options.fault_rate, seed=options.seed)
    )
    if options.hang_after is not None:
        stub.behaviour.faults = [*[None] * options.hang_after, *["hang"] * 10_000]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(stub.serve(lambda: print(stub.port, flush=True), options.port))


if __name__ == "__main__":
    main()

"""An OpenAI-compatible server that invents its answers: the edge of the world for the tests.

Real HTTP over a real socket on loopback, standard library only. In a test it runs in a thread (the
``stub_server`` fixture); for whole runs it is a process of its own, which prints its port and then serves until
it is ended, and tells its counters at ``GET /stats``::

    python tests/stub_server.py --port 0 --latency 0.5 --canonical --fault-rate 0.3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[dict[str, Any]], list[str | None]]
"""From a request's JSON body to the texts of its choices."""

FAULTS = ("500", "429", "drop", "cut", "garbage", "no_choices")
"""What can go wrong with one request; "hang" (never answered) must be asked for by name."""


def echo(body: dict[str, Any]) -> list[str | None]:
    """Answer each choice with the request's text, its seed and the choice's index, so that none is like another."""
    return [f"{request_text(body)}|seed={body.get('seed')}|choice={i}" for i in range(body.get("n", 1))]


def request_text(body: dict[str, Any]) -> str:
    """Return what the model is to continue or to answer."""
    return str(body["prompt"] if "prompt" in body else body["messages"][-1]["content"])


@dataclass
class Behaviour:
    """How the server treats its requests, in order of their arrival.

    Attributes:
        answer: invents the texts.
        latency_s: time to each answer.
        faults: one for each request; None is none. Afterwards, ``fault_rate`` draws from FAULTS.
        retry_after: sent with a 429.
        unknown: parameters refused with 400, in api.openai.com's words.
        max_stops: most stop sequences taken, likewise.
        max_choices: greatest n taken; a greater one is refused.
        ignores_n: whether n is passed over in silence.
        finish_reason: of every choice.
        refusal: status and message with which every request is refused.
    """

    answer: Answer = echo
    latency_s: float = 0.0
    faults: list[str | None] = field(default_factory=list)
    fault_rate: float = 0.0
    seed: int = 0
    retry_after: str = "0"
    unknown: frozenset[str] = frozenset()
    max_stops: int | None = None
    max_choices: int | None = None
    ignores_n: bool = False
    finish_reason: str = "stop"
    refusal: tuple[int, str] | None = None


class StubServer:
    """The server: its address, its behaviour (changed at will), and what it has seen.

    Attributes:
        log: the JSON bodies of all completion requests, in order of arrival.
        counters: requests by what became of them ("answered", "refused", a fault, "cancelled").
        most_in_flight: completions asked for at the same time, at most.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.log: list[dict[str, Any]] = []
        self.counters: Counter[str] = Counter()
        self.connections = 0
        self.most_in_flight = 0
        self.port = 0
        self._in_flight = 0
        self._random = random.Random(behaviour.seed)  # noqa: S311 - a repeatable choice of faults
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        """The URL that an OpenAI client is given."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Serve from a thread, until :meth:`stop`."""
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self.serve(started.set)))
        self._thread.start()
        started.wait()

    def stop(self) -> None:
        """End the thread, every connection and every request."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._loop.close()

    async def serve(self, ready: Callable[[], None], port: int = 0) -> None:
        """Serve on ``port`` of loopback (0: a free one) until stopped or cancelled."""
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        try:
            await self._stopping.wait()
        finally:
            server.close()
            own = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not own]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        self.connections += 1
        try:
            while True:
                path, body = await _request(reader)
                if not await self._respond(path, body, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _respond(self, path: str, body: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        """Send one answer; whether the connection stays open."""
        if path.endswith("/completions"):
            status, answer, fault = await self._completion(path, body)
        else:
            status, answer, fault = 200, self._page(path), None
        if fault == "drop":
            return False
        text = answer if isinstance(answer, str) else json.dumps(answer)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n"
        head += f"Retry-After: {self.behaviour.retry_after}\r\n" if status == 429 else ""
        whole = f"{head}\r\n{text}".encode()
        writer.write(whole[: len(whole) - 9] if fault == "cut" else whole)
        await writer.drain()
        return fault != "cut"

    def _page(self, path: str) -> dict[str, Any]:
        if path == "/stats":
            return {"requests": len(self.log), "most_in_flight": self.most_in_flight, **self.counters}
        return {"object": "list", "data": [{"id": "stub", "object": "model"}]} if path.endswith("/models") else {}

    async def _completion(self, path: str, body: dict[str, Any]) -> tuple[int, Any, str | None]:
        self.log.append(body)
        self._in_flight += body.get("n", 1)
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return await self._outcome(path, body)
        except asyncio.CancelledError:
            self.counters["cancelled"] += 1
            raise
        finally:
            self._in_flight -= body.get("n", 1)

    async def _outcome(self, path: str, body: dict[str, Any]) -> tuple[int, Any, str | None]:
        refusal = self._refusal(body)
        if refusal:
            self.counters["refused"] += 1
            return refusal[0], {"error": {"message": refusal[1], "type": "invalid_request_error"}}, None
        fault = self._fault()
        if fault == "hang":
            await asyncio.Event().wait()
        await asyncio.sleep(self.behaviour.latency_s)
        self.counters[fault or "answered"] += 1
        if fault in ("500", "429"):
            return int(fault), {"error": {"message": f"stub fault {fault}"}}, fault
        if fault == "garbage":
            return 200, '{"choices": [{"index": 0, "mess', fault
        return 200, {"choices": []} if fault == "no_choices" else self._answer(path, body), fault

    def _fault(self) -> str | None:
        if self.behaviour.faults:
            return self.behaviour.faults.pop(0)
        return self._random.choice(FAULTS) if self._random.random() < self.behaviour.fault_rate else None

    def _refusal(self, body: dict[str, Any]) -> tuple[int, str] | None:
        behaviour = self.behaviour
        unknown = sorted(behaviour.unknown & set(body))
        if unknown:
            return 400, f"Unrecognized request arguments supplied: {', '.join(unknown)}"
        stops = len(body.get("stop", ()))
        if behaviour.max_stops is not None and stops > behaviour.max_stops:
            return 400, (
                f"Invalid 'stop': array too long. Expected an array with maximum length {behaviour.max_stops}, "
                f"but got an array with length {stops} instead."
            )
        if behaviour.max_choices is not None and body.get("n", 1) > behaviour.max_choices:
            return 400, f"'n' : number must be at most {behaviour.max_choices}"
        return behaviour.refusal

    def _answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        texts = self.behaviour.answer({**body, "n": 1} if self.behaviour.ignores_n else body)
        rest = {"finish_reason": self.behaviour.finish_reason}
        if "chat" in path:
            choices = [{"index": i, "message": {"role": "assistant", "content": t}, **rest} for i, t in enumerate(texts)]
        else:
            choices = [{"index": i, "text": t, **rest} for i, t in enumerate(texts)]
        written = sum(len((text or "").split()) for text in texts)
        usage = {"prompt_tokens": len(request_text(body).split()), "completion_tokens": written}
        return {"id": "stub", "model": body.get("model"), "choices": choices, "usage": usage}


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    """Read one HTTP request: its path and its JSON body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return head[0].split()[1], json.loads(body) if body else {}


def canonical_answers(problems: Iterable[Any]) -> Answer:
    """Return answers that solve the problem whose prompt comes last in the request, in the API's manner."""
    solutions = {problem.prompt.strip(): problem for problem in problems}

    def answer(body: dict[str, Any]) -> list[str | None]:
        text = request_text(body)
        place, prompt = max((text.rfind(prompt), prompt) for prompt in solutions)
        problem = solutions[prompt]
        if place < 0:
            found: str | None = None
        elif "prompt" in body:
            found = problem.canonical_solution
        else:
            found = f"```python\n{problem.prompt}{problem.canonical_solution}```"
        return [found] * body.get("n", 1)

    return answer


def main() -> None:
    """Serve as a process: print the port, then answer until ended."""
    parser = argparse.ArgumentParser(description="A stub of an OpenAI-compatible server, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S")
    parser.add_argument("--fault-rate", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument("--canonical", action="store_true", help="answer with HumanEval's canonical solutions")
    options = parser.parse_args()
    answer = echo
    if options.canonical:
        from pytest_humaneval.core.dataset import read_problems

        answer = canonical_answers(read_problems())
    stub = StubServer(Behaviour(answer, options.latency, fault_rate=options.fault_rate, seed=options.seed))
    try:
        stub._loop.run_until_complete(stub.serve(lambda: print(stub.port, flush=True), options.port))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

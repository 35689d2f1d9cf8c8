"""How fast all of HumanEval is asked of a hosted API that allows 60 requests a minute and answers 429 beyond.

    python benchmarks/rate_limits.py [--requests 164] [--per-minute 60] [--latency 1]

Two servers limit in two ways, and each is asked by a client that knows the rate (``requests_per_minute``),
and by one that does not:

    window    at most 60 requests in any 60 seconds: the first 60 at once, then none until the minute is over
    bucket    one more request each second, and no store of unused ones

The four run at the same time, for about three minutes. The least time is that of a client which sends every
request at the moment when it is admitted.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.providers.openai_api.pacing import Rates
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

SAMPLE_S = 0.05


@dataclass(frozen=True)
class Case:
    """One client against one server.

    Attributes:
        limit: how the server limits.
        is_known: whether the client knows the rate.
        requests: how many are asked.
        per_minute: how many the server allows.
        latency_s: how long an answer takes.
    """

    limit: str
    is_known: bool
    requests: int
    per_minute: float
    latency_s: float

    @property
    def allowed(self) -> tuple[int, float]:
        """How many requests the server admits in any so many seconds."""
        return (round(self.per_minute), 60.0) if self.limit == "window" else (1, 60.0 / self.per_minute)

    @property
    def least_s(self) -> float:
        """The seconds that a client needs which sends every request as soon as it is admitted."""
        count, window_s = self.allowed
        return (self.requests - 1) // count * window_s + self.latency_s


@dataclass(frozen=True)
class Measured:
    """What came of a case: answers, refusals, seconds, and the requests in flight, in order of time."""

    answered: int
    turned_away: int
    seconds: float
    in_flight: list[int]


def measure(case: Case) -> Measured:
    """Ask a server of its own everything, and return what came of it."""
    rate = case.per_minute if case.is_known else None
    with serving(Behaviour(allowed=case.allowed, latency_s=case.latency_s, retry_after="1")) as stub:
        provider = ServerProvider(stub.base_url, rates=Rates(requests_per_minute=rate))
        began_s = time.monotonic()
        answered, in_flight = asyncio.run(asked(provider, case.requests))
        return Measured(answered, stub.counters["429"], time.monotonic() - began_s, in_flight)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[StubServer]:
    """Run a stub server."""
    stub = StubServer(behaviour)
    stub.start()
    try:
        yield stub
    finally:
        stub.stop()


async def asked(provider: ServerProvider, count: int) -> tuple[int, list[int]]:
    """Return how many of ``count`` requests were answered, and how many were in flight at each moment."""
    in_flight: list[int] = []

    async def watch() -> None:
        while True:
            in_flight.append(provider.traffic().in_flight)
            await asyncio.sleep(SAMPLE_S)

    watching = asyncio.create_task(watch())
    draws = [
        Draw(f"T/{i}", 0, Request("m", "chat", (Message("user", f"ask {i}"),), Sampling()))
        for i in range(count)
    ]
    answered = sum([isinstance(result, Completion) async for _, result in provider.complete(draws)])
    watching.cancel()
    return answered, in_flight


def main() -> None:
    """Measure all four at the same time, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=164)
    parser.add_argument("--per-minute", type=float, default=60.0)
    parser.add_argument("--latency", type=float, default=1.0, metavar="S")
    chosen = parser.parse_args()
    cases = [
        Case(limit, is_known, chosen.requests, chosen.per_minute, chosen.latency)
        for limit in ("window", "bucket")
        for is_known in (True, False)
    ]
    with ThreadPoolExecutor(len(cases)) as executor:
        for case, measured in zip(cases, executor.map(measure, cases), strict=True):
            print(line(case, measured))


def line(case: Case, measured: Measured) -> str:
    """Return what came of a case, in a line."""
    later = measured.in_flight[len(measured.in_flight) // 2 :]
    known = "known" if case.is_known else "not known"
    a_minute = 60 * measured.answered / measured.seconds
    return (
        f"{case.limit}, rate {known}: {measured.answered} of {case.requests} in {measured.seconds:.1f} s "
        f"(at least {case.least_s:.1f} s), {a_minute:.1f} a minute, {a_minute / case.per_minute:.0%} of the "
        f"rate; {measured.turned_away} times 429; in flight at most {max(measured.in_flight)}, in the second "
        f"half at most {max(later)}, median {median(later):g}"
    )


if __name__ == "__main__":
    main()

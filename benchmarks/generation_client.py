"""What requesting costs: this package's client, a bare asynchronous loop, the official client and 16 threads.

    python benchmarks/generation_client.py [--requests 1312] [--latency 0.5] [--rounds 5]

A stub server in a process of its own answers each request after ``--latency`` seconds, however many there
are. At most 256 are in flight, so the server itself takes ``requests / 256`` times that latency, and the rest
is the client's. Medians of several rounds, each in another order.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import openai
from aiohttp import ClientSession, TCPConnector
from pytest_overhead import shuffled_rounds

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.stub_process import stub_process

IN_FLIGHT = 256
THREADS = 16
EXPERIMENT = "fewshot_v1_chat"


def draws_of(count: int) -> list[Draw]:
    """Return ``count`` draws of the dataset's problems, over and over, each a request of its own."""
    # A folder without a file: the shipped experiments are used, and no store of the current project.
    with tempfile.TemporaryDirectory() as folder:
        plan = make_plan(Settings(Path(folder), experiments=(EXPERIMENT,)))
    once = plan.draws(EXPERIMENT, plan.task_ids(EXPERIMENT))
    rounds = (Draw(draw.task_id, index // len(once), draw.request) for index, draw in enumerate(cycle(once)))
    return list(islice(rounds, count))


def this_package(base_url: str, draws: list[Draw]) -> int:
    """Return how many completions arrive."""

    async def collected() -> int:
        stream = ServerProvider(base_url, concurrency=IN_FLIGHT).complete(draws)
        return sum([isinstance(completion, Completion) async for _, completion in stream])

    return asyncio.run(collected())


def bare_loop(base_url: str, draws: list[Draw]) -> int:
    """Return how many texts arrive at a client that does nothing but HTTP: no retries, no records."""
    bodies = [Dialect().body(draw.request) for draw in draws]

    async def has_text(session: ClientSession, in_flight: asyncio.Semaphore, body: dict[str, Any]) -> bool:
        async with in_flight, session.post(f"{base_url}/chat/completions", json=body) as response:
            return bool((await response.json())["choices"][0]["message"]["content"])

    async def collected() -> int:
        in_flight = asyncio.Semaphore(IN_FLIGHT)
        async with ClientSession(connector=TCPConnector(limit=IN_FLIGHT)) as session:
            return sum(await asyncio.gather(*(has_text(session, in_flight, body) for body in bodies)))

    return asyncio.run(collected())


def official_client(base_url: str, draws: list[Draw]) -> int:
    """Return how many texts arrive at the official client, used asynchronously."""

    async def collected() -> int:
        in_flight = asyncio.Semaphore(IN_FLIGHT)
        async with openai.AsyncOpenAI(base_url=base_url, api_key="EMPTY") as client:

            async def has_text(draw: Draw) -> bool:
                body = Dialect().body(draw.request)
                async with in_flight:
                    answer: Any = await client.post("/chat/completions", cast_to=object, body=body)
                return bool(answer["choices"][0]["message"]["content"])

            return sum(await asyncio.gather(*map(has_text, draws)))

    return asyncio.run(collected())


def threads(base_url: str, draws: list[Draw]) -> int:
    """Return how many texts arrive at 16 threads that share the official client."""
    with (
        openai.OpenAI(base_url=base_url, api_key="EMPTY") as client,
        ThreadPoolExecutor(THREADS) as executor,
    ):

        def has_text(draw: Draw) -> bool:
            answer: Any = client.post("/chat/completions", cast_to=object, body=Dialect().body(draw.request))
            return bool(answer["choices"][0]["message"]["content"])

        return sum(executor.map(has_text, draws))


def main() -> None:
    """Measure each contender once a round, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=1312)
    parser.add_argument("--latency", type=float, default=0.5, metavar="S")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    draws = draws_of(chosen.requests)
    contenders: dict[str, Callable[[str, list[Draw]], int]] = {
        "this package": this_package,
        "a bare loop": bare_loop,
        "official client": official_client,
        f"{THREADS} threads": threads,
    }
    walls_s, cpus_s = defaultdict(list), defaultdict(list)
    with stub_process("--canonical", "--distinct", f"--latency={chosen.latency}") as server:
        for name in shuffled_rounds(contenders, chosen.rounds):
            began_s, used_s = time.perf_counter(), time.process_time()
            count = contenders[name](server.base_url, draws)
            walls_s[name].append(time.perf_counter() - began_s)
            cpus_s[name].append(time.process_time() - used_s)
            if count != len(draws):
                raise SystemExit(f"{name}: {count} of {len(draws)} requests were answered")
    # What the server alone takes: requests come in batches of IN_FLIGHT, each of one latency.
    service_s = math.ceil(len(draws) / IN_FLIGHT) * chosen.latency
    print(f"{len(draws)} requests of {chosen.latency} s each, {IN_FLIGHT} at once: {service_s:.2f} s at best")
    for name in contenders:
        wall_s, ratio = median(walls_s[name]), median(walls_s[name]) / median(walls_s["a bare loop"])
        cost_ms = 1e3 * median(cpus_s[name]) / len(draws)
        rate = len(draws) / wall_s
        print(
            f"{name:>15}: {wall_s:6.2f} s, {rate:5.0f} requests/s, {ratio:5.2f} x the bare loop, "
            f"{cost_ms:.2f} ms of CPU time a request"
        )


if __name__ == "__main__":
    main()

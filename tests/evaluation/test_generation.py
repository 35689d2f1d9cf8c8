"""Generation in the background: every draw delivered exactly once, whatever the provider does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, SettledDraw
from pytest_humaneval.evaluation.generation import Generation
from pytest_humaneval.evaluation.plan import Plan, Selection
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.store.disk import DiskStore
from tests.support.records_made import problem

TASKS = ["Test/0", "Test/1", "Test/2"]
PROBLEMS = {task_id: problem(number) for number, task_id in enumerate(TASKS)}
PROMPTLY_S = 10.0
"""Far more than anything here takes; only a hang takes longer."""


def plan_of(*names: str, servers: Mapping[str, Server]) -> Plan:
    """A plan of experiments with these names, each of two samples a problem."""
    made = {name: Experiment(name, n=2, server=servers.get(name)) for name in names}
    experiments = {name: ResolvedExperiment(experiment, None, ()) for name, experiment in made.items()}
    dataset = Dataset(Path("none"), "", tuple(PROBLEMS.values()))
    return Plan(Settings(Path()), dict.fromkeys(names, dataset), dict.fromkeys(names, PROBLEMS), experiments)


class FakeProvider:
    """Answers ``answers`` draws, last one first, and then does what ``ending`` does."""

    def __init__(self, answers: int = 1_000, ending: Callable[[], object] = lambda: None) -> None:
        self.answers, self.ending = answers, ending
        self.is_closed = threading.Event()

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield draws, then end."""
        try:
            for draw in draws[: -1 - self.answers : -1]:
                yield draw, Completion("text", completion_tokens=7)
            if asyncio.iscoroutine(ending := self.ending()):
                await ending
        finally:
            self.is_closed.set()


def failing(error: Exception) -> Callable[[], object]:
    """Return what raises ``error``."""

    def fail() -> object:
        raise error

    return fail


class Delivered:
    """What was delivered, in order."""

    def __init__(self) -> None:
        self.settled: list[tuple[str, Draw, DrawResult]] = []

    def __call__(self, name: str, draw: Draw, completion: DrawResult) -> None:
        """Take a delivery."""
        self.settled.append((name, draw, completion))

    @property
    def keys(self) -> list[tuple[str, str, int]]:
        """What the deliveries stand for, sorted."""
        return sorted((name, draw.task_id, draw.sample_index) for name, draw, _ in self.settled)

    @property
    def reasons(self) -> list[str]:
        """Why draws failed, in order of delivery."""
        return [found.reason for *_, found in self.settled if isinstance(found, NoCompletion)]


@pytest.fixture
def delivered() -> Delivered:
    """Collects deliveries."""
    return Delivered()


Open = Callable[..., Generation]


@pytest.fixture
def generation_of(delivered: Delivered) -> Iterator[Open]:
    """Make a generation of all tasks for providers by experiment; it is closed with the test."""
    made: list[Generation] = []

    def make(
        selection: Selection | None = None,
        servers: Mapping[str, Server] = MappingProxyType({}),
        **providers: FakeProvider,
    ) -> Generation:
        plan = plan_of(*providers, servers=servers)
        sources = {name: (provider, None) for name, provider in providers.items()}
        chosen = selection if selection is not None else dict.fromkeys(providers, TASKS)
        made.append(Generation(plan, chosen, sources, delivered, Progress()))
        return made[-1]

    yield make
    for generation in made:
        generation.close()


def everything(*names: str, tasks: Sequence[str] = tuple(TASKS)) -> list[tuple[str, str, int]]:
    """Every draw of these experiments."""
    return [(name, task_id, index) for name in names for task_id in tasks for index in range(2)]


def finish(generation: Generation) -> None:
    """Start, and wait for the thread to end by itself."""
    generation.start()
    for thread in threading.enumerate():
        if thread.name == "humaneval-generation":
            thread.join(PROMPTLY_S)
            assert not thread.is_alive()


def test_every_draw_is_delivered_once(generation_of: Open, delivered: Delivered) -> None:
    """Of every experiment, problem and sample."""
    generation = generation_of(a=FakeProvider(), b=FakeProvider())

    finish(generation)

    assert delivered.keys == everything("a", "b")
    assert delivered.reasons == []
    assert (generation.progress.done, generation.progress.draws) == (12, 12)
    assert generation.progress.completion_tokens == 12 * 7


def test_only_what_is_selected_is_generated(generation_of: Open, delivered: Delivered) -> None:
    """A problem that -k left out costs nothing."""
    finish(generation_of({"a": ["Test/1"]}, a=FakeProvider()))

    assert delivered.keys == everything("a", tasks=["Test/1"])


def test_nothing_to_do_is_done_at_once(generation_of: Open, delivered: Delivered) -> None:
    """An empty selection starts and ends."""
    finish(generation_of({}, a=FakeProvider()))

    assert delivered.settled == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [(ProviderError("the server is gone"), "the server is gone"), (KeyError("x"), "KeyError: 'x'")],
)
def test_where_a_provider_breaks_off_the_rest_is_delivered_with_the_reason(
    generation_of: Open, delivered: Delivered, error: Exception, reason: str
) -> None:
    """Nobody waits for a completion that never comes, and what is there already counts."""
    finish(generation_of(a=FakeProvider(4, failing(error)), b=FakeProvider()))

    assert delivered.keys == everything("a", "b")
    assert delivered.reasons == [reason] * (2 + 6)


def test_a_request_that_is_never_made_is_not_announced(delivered: Delivered) -> None:
    """Once an experiment has found its provider broken, a second one of its model requests nothing."""
    server = Server("http://x/v1", "m")
    plan = plan_of("a", "b", servers={"a": server, "b": server})
    broken = FakeProvider(1, failing(ProviderError("wrong key")))
    sources = {"a": (broken, None), "b": (FakeProvider(), None)}
    heard: list[str] = []

    finish(
        Generation(
            plan,
            dict.fromkeys("ab", TASKS),
            sources,
            delivered,
            Progress(),
            lambda name, _draw: heard.append(name),
        )
    )

    assert heard == ["a"] * 6
    assert delivered.reasons == ["wrong key"] * (5 + 6)


def test_a_draw_that_a_provider_forgets_is_delivered_as_failed(
    generation_of: Open, delivered: Delivered
) -> None:
    """A provider that ends too early leaves nobody waiting, and the next experiment goes on."""
    finish(generation_of(a=FakeProvider(5), b=FakeProvider()))

    assert delivered.keys == everything("a", "b")
    assert delivered.reasons == ["the provider ended without a completion"]


def test_a_provider_that_is_out_of_order_from_the_start_raises(
    generation_of: Open, delivered: Delivered
) -> None:
    """Nothing is scored, nothing is delivered: whoever starts it hears at once."""
    generation = generation_of(a=FakeProvider(0, failing(ProviderError("connection refused"))))

    with pytest.raises(ProviderError, match="connection refused"):
        generation.start()

    assert delivered.settled == []


def test_a_broken_provider_ends_the_experiments_of_its_model_alone(
    generation_of: Open, delivered: Delivered
) -> None:
    """Others are generated, before it or after it; a second experiment of its model does not try it again."""
    broken, again = FakeProvider(0, failing(ProviderError("wrong key"))), FakeProvider()
    servers = {name: Server("http://x/v1", "m") for name in ("a", "c")}

    finish(generation_of(servers=servers, a=broken, b=FakeProvider(), c=again))

    assert delivered.keys == everything("a", "b", "c")
    assert {name for name, _, found in delivered.settled if isinstance(found, NoCompletion)} == {"a", "c"}
    assert delivered.reasons == ["wrong key"] * 12
    assert not again.is_closed.is_set()


def test_closing_in_mid_flight_ends_promptly(generation_of: Open, delivered: Delivered) -> None:
    """A completion in flight is cancelled, and the provider cleans up before close returns."""
    provider = FakeProvider(3, lambda: asyncio.sleep(3_600))
    generation = generation_of(a=provider)
    generation.start()

    closing = threading.Thread(target=generation.close, daemon=True)
    closing.start()
    closing.join(PROMPTLY_S)

    assert not closing.is_alive()
    assert provider.is_closed.is_set()
    assert delivered.reasons == []


def test_closing_what_has_ended_or_never_began_does_nothing(generation_of: Open) -> None:
    """Close may come at any time, and twice."""
    ended, never_began = generation_of(a=FakeProvider()), generation_of(a=FakeProvider())
    finish(ended)

    for generation in (ended, ended, never_began):
        generation.close()


def test_what_a_store_has_is_counted_apart_from_what_the_model_writes(
    delivered: Delivered, tmp_path: Path
) -> None:
    """Neither the time left nor the tokens in a second take a stored completion for the model's pace."""
    with closing(DiskStore(tmp_path)) as store:
        first, second = (
            Generation(
                plan_of("a", servers={}), {"a": TASKS}, {"a": (provider, store)}, delivered, Progress()
            )
            for provider in (FakeProvider(1), FakeProvider())
        )
        finish(first)
        finish(second)

    # The problems' requests are equal, so one stored completion is that of three draws.
    assert (first.progress.fresh, second.progress.fresh) == (1, 3)
    assert (second.progress.done, second.progress.completion_tokens) == (6, 3 * 7)
    assert (first.progress.stored("a"), second.progress.stored("a")) == (0, 3)


def test_times_of_each_experiment_are_noted(generation_of: Open) -> None:
    """One after the other: the second begins when the first is there."""
    generation = generation_of(a=FakeProvider(), b=FakeProvider())

    finish(generation)

    progress = generation.progress
    assert progress.started_s["a"] <= progress.generated_s["a"] <= progress.started_s["b"]

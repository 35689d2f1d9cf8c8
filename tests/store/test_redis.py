"""The store in Redis, on a real server: what happens when the server fails, and its error messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.content_key import content_key
from pytest_humaneval.store.open_store import open_store
from tests.support.evaluating import Evaluate
from tests.support.redis_serving import PASSWORD, RedisServer
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

REQUEST = Request("m", "chat", (Message("user", "ask"),), Sampling())
ONE, TWO = Draw("Test/0", 0, REQUEST), Draw("Test/0", 1, REQUEST)


def test_a_server_that_ends_costs_one_warning(redis_server: RedisServer, tmp_path: Path) -> None:
    """Later completions are kept on this machine and found at once; there is one warning."""
    warnings: list[str] = []
    store = open_store(redis_server.url, tmp_path, warnings.append)
    store.put(ONE, Completion("before"))
    redis_server.kill()

    store.put(TWO, Completion("after"))
    found = store.get([ONE, TWO])
    store.close()

    assert found == {TWO: Completion("after")}
    assert len(warnings) == 1
    assert "the Redis server cannot be used" in warnings[0]
    assert f"completions are kept in {tmp_path / '.humaneval_cache'} from here on" in warnings[0]


def test_the_next_run_finds_everything_and_shares_it_again(redis_server: RedisServer, tmp_path: Path) -> None:
    """Completions kept on the server and those kept locally are found, and all are on the server then."""
    store = open_store(redis_server.url, tmp_path)
    store.put(ONE, Completion("before"))
    redis_server.kill()
    store.put(TWO, Completion("after"))
    store.close()
    redis_server.start()

    here = open_store(redis_server.url, tmp_path)
    found_here = here.get([ONE, TWO])
    elsewhere = open_store(redis_server.url, tmp_path / "another machine")
    found_elsewhere = elsewhere.get([ONE, TWO])
    here.close()
    elsewhere.close()

    assert found_here == found_elsewhere == {ONE: Completion("before"), TWO: Completion("after")}


def test_while_the_server_works_nothing_is_written_locally(redis_server: RedisServer, tmp_path: Path) -> None:
    """A working shared store leaves no folder behind."""
    store = open_store(redis_server.url, tmp_path)
    store.put(ONE, Completion("answer"))
    store.close()

    assert list(tmp_path.iterdir()) == []


def test_a_value_that_is_no_completion_is_an_error(redis_server: RedisServer) -> None:
    """For another program's value under a key of the store, the message gives the keys' prefix."""
    import redis

    from pytest_humaneval.store.redis import PREFIX, RedisStore

    with redis.Redis.from_url(redis_server.url) as client:
        client.set(PREFIX + content_key(ONE).hex(), b"\xff not ours")
    store = RedisStore(redis_server.url)

    with pytest.raises(StoreError, match=r"a value under humaneval:completion:\* is no completion"):
        store.get([ONE])
    store.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://:wrong@127.0.0.1:{port}/0", "invalid username-password pair"),
        ("redis://127.0.0.1:{port}/0", "authenticated"),
        ("redis://127.0.0.1:1/0", "refused"),
        ("redis://127.0.0.1:port/0", "Port could not be cast"),
    ],
)
def test_a_server_that_cannot_be_used_is_refused(
    redis_server: RedisServer, tmp_path: Path, url: str, reason: str
) -> None:
    """It is an error in one line when the store is opened; the line does not show the password."""
    with pytest.raises(ConfigError, match=reason) as error:
        open_store(url.format(port=redis_server.port), tmp_path)

    assert str(error.value).startswith("--humaneval-cache redis://")
    assert "wrong" not in str(error.value)
    assert "\n" not in str(error.value)


def test_two_machines_share_what_one_has_generated(
    redis_server: RedisServer,
    tmp_path: Path,
    evaluate: Evaluate,
    stub_server: Callable[[Behaviour], StubServer],
) -> None:
    """The second run, in a folder of its own, sends no request; the password is never shown."""
    model = stub_server(Behaviour())
    flags = (
        "--humaneval-experiment=fewshot_v1_chat",
        "--humaneval-tasks=0-3",
        f"--humaneval-base-url={model.base_url}",
        f"--humaneval-cache={redis_server.url}",
    )

    first, second = evaluate(*flags), evaluate(*flags, f"--rootdir={tmp_path}")

    assert len(model.log) == 4
    assert sum(first.run["outcomes"].values()) == 4
    assert first.verdicts == second.verdicts
    # The URL is in the command that runs a failure again.
    assert "--humaneval-cache=" in first.text
    for run in (first, second):
        assert PASSWORD not in run.text + run.report_path.read_text()
        assert "se%3Acr%40et" not in run.text + run.report_path.read_text()

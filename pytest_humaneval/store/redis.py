"""The completion store in Redis, shared by machines and CI jobs, with the same content keys as on disk.

A completion is one string, set only if its key is new (``SET ... NX``), so two runs at once cannot disagree.
Nothing expires by itself; to drop old completions is the server's business, by its ``maxmemory-policy``.
Source: https://redis.io/docs/latest/commands/set/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from pytest_humaneval.core.completion_json import from_text, to_text
from pytest_humaneval.core.config.url import without_password
from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.records import Completion, Draw
from pytest_humaneval.store.content_key import content_key

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "humaneval:completion:"
"""What the keys in Redis begin with; the content key in hexadecimal follows."""

_TIMEOUT_S = 5.0
# Of one MGET, whose answer holds all of these completions at once.
_KEYS_PER_QUERY = 500


class RedisStore:
    """Completions in one Redis database; ``get`` and ``put`` may be called from any thread."""

    def __init__(self, url: str) -> None:
        """Connect to the server at ``url``, such as ``redis://:password@host:6379/0`` or ``rediss://...``.

        Raises:
            ConfigError: the client is not installed, the URL is not valid, or its server cannot be used.
        """
        self._shown = without_password(url)
        self._client = self._connect(url)

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return those of the draws whose completion is known.

        Raises:
            StoreError: the server does not answer, or a value is no completion.
        """
        found: dict[Draw, Completion] = {}
        remaining = iter(draws)
        with self._errors_translated():
            while batch := list(islice(remaining, _KEYS_PER_QUERY)):
                texts = self._client.mget([_key(draw) for draw in batch])
                for draw, text in zip(batch, texts, strict=True):
                    if text is not None:
                        found[draw] = from_text(text)
        return found

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep a completion; a second one for the same draw changes nothing.

        Raises:
            StoreError: it could not be kept (server gone, its memory full).
        """
        with self._errors_translated():
            self._client.set(_key(draw), to_text(completion), nx=True)

    def close(self) -> None:
        """Release the connections; a second call does nothing."""
        self._client.close()

    def _connect(self, url: str) -> Redis:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise ConfigError(
                f"--humaneval-cache {self._shown}: the Redis client is missing; "
                "install it with `pip install 'pytest-humaneval[redis]'`, or name a folder"
            ) from error
        try:
            client: Redis = redis.Redis.from_url(
                url,
                socket_timeout=_TIMEOUT_S,
                socket_connect_timeout=_TIMEOUT_S,
                # Once more, at once: the server may have closed a connection that was idle.
                retry=Retry(NoBackoff(), 1),
            )
            # from_url connects to nothing: without this, a wrong address would show at the first completion.
            client.ping()
        except (ValueError, redis.RedisError) as error:
            raise ConfigError(
                f"--humaneval-cache {self._shown}: no Redis server can be used here ({_one_line(error)}); "
                "write it like redis://localhost:6379/0, or name a folder, or off"
            ) from error
        return client

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        """Raise errors of the client, and values that are no completion, as StoreError."""
        from redis import RedisError

        try:
            yield
        except RedisError as error:
            raise StoreError(
                f"{self._shown}: the Redis server cannot be used ({_one_line(error)})"
            ) from error
        except (ValueError, TypeError) as error:
            raise StoreError(
                f"{self._shown}: a value under {PREFIX}* is no completion ({_one_line(error)})"
            ) from error


def _key(draw: Draw) -> str:
    return PREFIX + content_key(draw).hex()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__

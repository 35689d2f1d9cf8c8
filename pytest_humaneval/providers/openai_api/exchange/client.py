"""One server and the connections to it, through aiohttp.

Not the official client of OpenAI: of that, sending JSON would be all that is used here, and its import takes
0.35 s of CPU time, each request 2 ms (``benchmarks/generation_client.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from pytest_humaneval.core.config.extra_headers import SentHeaders

CONNECT_TIMEOUT_S = 5.0
# uvicorn, on which vLLM and others serve, closes a connection that was idle for 5 s: one that is about to be
# closed must not be taken for a request.
IDLE_S = 4.0


@dataclass(frozen=True)
class Client:
    """What requests to one server are sent with.

    Attributes:
        base_url: up to and with the ``/v1``.
        session: its connections, which are closed with it.
        timeout_s: limit for one request, in seconds.
    """

    base_url: str
    session: ClientSession
    timeout_s: float


def open_client(
    base_url: str, api_key: str, headers: SentHeaders, concurrency: int, timeout_s: float
) -> Client:
    """Return a client, in a running event loop; nothing is sent.

    Args:
        base_url: up to and with the ``/v1``.
        api_key: sent as a bearer token.
        headers: sent with every request; they win over those of the same names.
        concurrency: most connections at once.
        timeout_s: limit for one request, in seconds.
    """
    # Imported late: only a run that asks a server pays for loading the client.
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
    from multidict import CIMultiDict

    # Names of headers are the same in capitals and without.
    sent = CIMultiDict({"Authorization": f"Bearer {api_key}", "User-Agent": "pytest-humaneval"})
    sent.update({"Accept": "application/json", "Content-Type": "application/json"})
    sent.update(headers.values)
    session = ClientSession(
        headers=sent,
        connector=TCPConnector(limit=concurrency, keepalive_timeout=IDLE_S),
        timeout=ClientTimeout(total=timeout_s, sock_connect=CONNECT_TIMEOUT_S),
        cookie_jar=DummyCookieJar(),
        # Proxies of the environment.
        trust_env=True,
    )
    return Client(base_url.rstrip("/"), session, timeout_s)

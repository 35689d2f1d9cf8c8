"""From a server's table to a server that answers, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from pytest_humaneval.server.diagnosis import diagnose, last_words
from pytest_humaneval.server.health import is_healthy, wait_until_healthy
from pytest_humaneval.server.service import Say, Service, ServiceError

TIMEOUT_S = 900.0
"""How long a server may take to answer, unless said otherwise: a download may be part of it."""

_LOG_LINES = 200


def start(service: Service, say: Say, timeout_s: float = TIMEOUT_S) -> bool:
    """Start a server and wait until it answers; return False if it was running already.

    What this call has started it stops again where it fails, or where Ctrl-C interrupts it.

    Raises:
        ServiceError: it cannot be started or does not answer; the text says why, as far as its log tells.
    """
    if is_healthy(service.server) and not service.is_running():  # in this order: another call may start it
        raise ServiceError(
            f'server "{service.server.name}": one that was not started from here answers at '
            f"{service.server.base_url}; use that one, stop it, or write another port in base_url"
        )
    has_started = service.begin()
    try:
        wait_until_healthy(service.server, service.is_running, say, timeout_s)
    except BaseException as error:
        log = service.log(_LOG_LINES)
        if has_started:
            service.end()
        if isinstance(error, ServiceError):
            raise _explained(error, log, service) from error
        raise
    return has_started


def _explained(error: ServiceError, log: list[str], service: Service) -> ServiceError:
    reason = diagnose(log)
    told = f": {reason}" if reason else ""
    return ServiceError(f"{error}{told} ({service.description()}){last_words(log)}")


@contextmanager
def serving(services: Iterable[Service], say: Say) -> Iterator[None]:
    """Have servers answer for as long as the context lasts; those that answered before are left as they are.

    Raises:
        ServiceError: one cannot be started.
    """
    with ExitStack() as stack:
        for service in services:
            if not is_healthy(service.server) and start(service, say):
                stack.callback(service.end)
        yield

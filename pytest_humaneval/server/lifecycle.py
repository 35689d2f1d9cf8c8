"""Starting servers, waiting until they answer, and stopping them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from pytest_humaneval.server.diagnosis import diagnose, last_lines
from pytest_humaneval.server.health import is_healthy, wait_until_healthy
from pytest_humaneval.server.service import ReportProgress, Service, ServiceError

TIMEOUT_S = 900.0
"""Default limit until a server answers; a download of the model may be part of it."""

_LOG_LINES = 200


def start(service: Service, report: ReportProgress, timeout_s: float = TIMEOUT_S) -> bool:
    """Start a server and wait until it answers; return False if it was running already.

    If this call started the server and then fails, or is interrupted by Ctrl-C, it stops the server again.

    Raises:
        ServiceError: it cannot be started or does not answer; the text gives the cause, if its log shows one.
    """
    # Health first, then the process: in the other order, a server that another call starts in between would
    # look like one that was not started from here.
    if is_healthy(service.server) and not service.is_running():
        raise ServiceError(
            f'server "{service.server.name}": one that was not started from here answers at '
            f"{service.server.base_url}; use that one, stop it, or write another port in base_url"
        )
    has_started = service.begin()
    try:
        wait_until_healthy(service.server, service.is_running, report, timeout_s)
    # BaseException, for Ctrl-C: no other code can stop the process that was just started.
    except BaseException as error:
        # Read before the service ends: `docker compose rm` removes a container's log with it.
        log = service.log(_LOG_LINES)
        if has_started:
            service.end()
        if isinstance(error, ServiceError):
            raise _explained(error, log, service) from error
        raise
    return has_started


def _explained(error: ServiceError, log: list[str], service: Service) -> ServiceError:
    cause = diagnose(log)
    explanation = f": {cause}" if cause else ""
    return ServiceError(f"{error}{explanation} ({service.description()}){last_lines(log)}")


@contextmanager
def serving(services: Iterable[Service], report: ReportProgress) -> Iterator[None]:
    """Have servers answer for as long as the context lasts; those that answered before are left running.

    Raises:
        ServiceError: one cannot be started.
    """
    with ExitStack() as stack:
        for service in services:
            if not is_healthy(service.server) and start(service, report):
                stack.callback(service.end)
        yield

"""Model servers around a run: ``--humaneval-serve``; a hook of the process that owns the terminal."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack

import pytest

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.evaluation.adapters import servers_to_start
from pytest_humaneval.server.backends import open_service
from pytest_humaneval.server.lifecycle import serving
from pytest_humaneval.session.ending import end_run
from pytest_humaneval.session.progress_line import line_of
from pytest_humaneval.session.state import PLAN


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Have the servers answer while the items run (with pytest-xdist: while the controller generates)."""
    if session.config.option.collectonly:
        return (yield)
    plan, line = session.config.stash[PLAN], line_of(session.config)
    servers = servers_to_start(plan.experiments.values())
    with ExitStack() as stack:
        try:
            # A compose file knows neither an adapter's folder nor these arguments.
            services = [open_service(server, "local" if adapted else None) for server, adapted in servers]
            stack.enter_context(serving(services, lambda text: line.show(lambda _: f"humaneval: {text}")))
        except HumanEvalError as error:
            end_run(str(error), plan.exit_status_without_scores)
        line.clear()
        return (yield)

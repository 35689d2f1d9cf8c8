"""The start method of platforms without fork, tested on platforms that have it, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pytest_humaneval.core.records import Candidate
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.worker_process import WorkerProcess


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    """A worker process of its own: processes of other tests' sandboxes do not count as its candidate's."""
    settings = WorkerSettings("interpreter", "basic", [], timeout_s=0.5, memory_mib=512, preload=[])
    with closing(WorkerProcess(settings)) as worker:
        yield worker


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("def f(n): return n + 1", "passed"),
        ("def f(n): return n", "wrong_answer"),
        ("def f(n): raise KeyError(n)", "exception"),
        ("def f(n) return n", "syntax_error"),
        ("def f(n):\n    while True: pass", "timeout"),
        ("import time\ndef f(n): time.sleep(1000)", "timeout"),
        ("import os\ndef f(n): os._exit(0)", "crashed"),
        ("def f(n): print('x' * 100_000); return n + 1", "passed"),
        ("import os\ndef f(n):\n    open('file', 'w').close()\n    return len(os.listdir()) + 1", "passed"),
    ],
)
def test_judges_by_the_same_rules(worker: WorkerProcess, body: str, outcome: str) -> None:
    """A fresh interpreter behind two pipes gives the verdicts that a forked one gives."""
    candidate = Candidate(
        solution=body, entry_point="f", prompt="", test="def check(c):\n    assert c(1) == 2\n"
    )

    assert [worker.judge(candidate, None).verdict.outcome for _ in range(2)] == [outcome, outcome]

"""The start method of platforms without fork, tested on platforms that have it, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.runtime.processes.interpreter import FreshInterpreters
from pytest_humaneval.sandbox.runtime.trusted.judge import Judge


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Judge]:
    """A judge in this process; the working folder is restored afterwards."""
    monkeypatch.chdir(tmp_path)
    settings = WorkerSettings("interpreter", "basic", [], timeout_s=0.5, memory_mib=512, preload=[])
    interpreters = FreshInterpreters(settings)
    yield Judge(settings, interpreters.start, lambda: None)
    interpreters.close()


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
def test_judges_by_the_same_rules(judge: Judge, body: str, outcome: str) -> None:
    """A fresh interpreter behind two pipes gives the verdicts that a forked one gives."""
    request = {
        "solution": body,
        "entry_point": "f",
        "prompt": "",
        "test": "def check(c):\n    assert c(1) == 2\n",
    }

    assert [judge.judge(request).outcome for _ in range(2)] == [outcome, outcome]

"""Runs that are killed, cut off from model, store or disk: nothing is lost or counted twice."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from evaluating import Evaluate
from processes import DEADLINE_S, is_running, processes_below, wait_until
from stub_behaviour import Behaviour, canonical_answers
from stub_server import StubServer
from test_interruptions import kept

from pytest_humaneval.core.dataset import read_problems

MODES = [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")]
StartServer = Callable[[Behaviour], StubServer]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


def model(*faults: str | None) -> Behaviour:
    """A model that solves every problem, once the scripted faults are over."""
    return Behaviour(answer=canonical_answers(read_problems()), faults=list(faults))


def asked(base_url: str) -> list[str]:
    """The flags of a run of eight problems."""
    return [
        "--humaneval-experiment=fewshot_v1_chat",
        f"--humaneval-base-url={base_url}",
        "--humaneval-tasks=0-7",
    ]


@contextmanager
def started(folder: Path, *args: str, tmp: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run in a folder, with a folder for temporary files of its own; it is killed at the end."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", *args]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(tmp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("mode", MODES)
def test_a_killed_run_is_taken_up_by_the_next(
    stub_server: StartServer,
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    mode: Sequence[str],
) -> None:
    """SIGKILL amid the batch: no process stays, only what was missing is asked for, no folder is left."""
    server = stub_server(behaviour := model(*[None] * 5, *["hang"] * 3))
    tmp = pytester.mkdir("tmp")
    with started(pytester.path, *asked(server.base_url), *mode, tmp=tmp) as process:
        wait_until(lambda: len(server.log) == 8 and kept(pytester.path) == 5)
        family = processes_below(process.pid)
        process.kill()
    wait_until(lambda: not any(map(is_running, family)))
    behaviour.faults.clear()
    monkeypatch.setenv("TMPDIR", str(tmp))

    finished = evaluate(*asked(server.base_url), *mode)

    assert finished.run["outcomes"] == {"passed": 8}
    assert len(server.log) == 8 + 3
    assert list(tmp.glob("humaneval-*")) == []


def test_a_killed_worker_of_xdist_is_replaced(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """SIGKILL amid an item: that one has no verdict, every other exactly one, and the next run has all."""
    pytester.makeconftest(
        """
        import os, pathlib, pytest, signal

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            once = pathlib.Path("killed")
            if "below_zero" in item.nodeid and not once.exists():
                once.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    flags = ("--humaneval-experiment=canonical", "--humaneval-tasks=0-7", "-n", "2")

    assert evaluate(*flags).run["outcomes"] == {"passed": 7, "infra_error": 1}
    assert evaluate(*flags).run["outcomes"] == {"passed": 8}


def test_a_killed_sandbox_server_costs_no_verdict(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """SIGKILL to every process below the run, once, amid its items: all are judged all the same."""
    pytester.makeconftest(
        f"""
        import os, signal, sys, pytest
        sys.path.append({str(Path(__file__).parent)!r})
        from processes import DEADLINE_S, is_running, processes_below, wait_until
        killed = []

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_logreport(report):
            if not killed and report.when == "setup":
                killed.extend(processes_below(os.getpid()))
                for pid in killed:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                print("killed", len(killed), file=sys.__stderr__)
        """
    )

    finished = evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0-39", "-s")

    assert "killed 0" not in finished.text
    assert "killed" in finished.text
    assert finished.run["outcomes"] == {"passed": 40}


def test_a_model_that_dies_amid_the_batch(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """What it had answered counts and stays; the rest has no verdict, and only it is asked for next time."""
    dying = stub_server(model(*[None] * 5, *["hang"] * 3))
    config = pytester.path / "experiments.toml"
    config.write_text(
        f"""
        [servers.one]
        base_url = "{dying.base_url}"
        model = "m"
        max_retries = 0
        [experiments.fewshot_v1_chat]
        server = "one"
        strategy = "fewshot_v1"
        """
    )
    flags = ("--humaneval-experiment=fewshot_v1_chat", "--humaneval-tasks=0-7")
    report = pytester.path / "first.json"
    with started(pytester.path, *flags, f"--humaneval-report={report}", tmp=pytester.mkdir("tmp")) as process:
        wait_until(lambda: len(dying.log) == 8)
        dying.stop()
        process.wait(DEADLINE_S)
    fresh = stub_server(model())

    finished = evaluate(*flags, f"--humaneval-base-url={fresh.base_url}")

    assert '"outcomes": {\n  "passed": 5,\n  "infra_error": 3\n }' in report.read_text()
    assert finished.run["outcomes"] == {"passed": 8}
    assert len(fresh.log) == 3


@pytest.mark.parametrize("mode", MODES)
def test_a_full_disk_costs_the_store_only(
    stub_server: StartServer, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """No file may grow beyond 48 KiB: the store gives out, and everything is judged all the same."""
    server = stub_server(model())
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *asked(server.base_url), *mode]

    done = subprocess.run(
        ["/bin/bash", "-c", f"ulimit -f 48; exec {shlex.join(command)}"],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE_S,
        check=False,
    )

    assert "the run goes on without the completion store" in done.stdout
    assert "INTERNALERROR" not in done.stdout
    assert "8 passed" in done.stdout


def test_two_runs_at_once_share_a_store(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Both score all problems, each once; a third generates nothing."""
    server = stub_server(model())
    first = pytester.path / "first.json"
    with started(
        pytester.path,
        *asked(server.base_url),
        f"--humaneval-report={first}",
        tmp=pytester.mkdir("tmp"),
    ) as process:
        second = evaluate(*asked(server.base_url))
        process.wait(DEADLINE_S)
    requests = len(server.log)

    third = evaluate(*asked(server.base_url))

    assert '"outcomes": {\n  "passed": 8\n }' in first.read_text()
    assert second.run["outcomes"] == third.run["outcomes"] == {"passed": 8}
    assert 8 <= requests <= 16
    assert len(server.log) == requests


def test_workers_do_not_wait_for_a_controller_that_cannot_write(
    stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """The feed's disk is full at once: items end without a verdict, the completions are in the store."""
    server = stub_server(model())
    pytester.makeconftest(
        """
        import errno
        from pytest_humaneval.feed import FeedWriter

        def write(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

        FeedWriter.write = write
        """
    )

    done = pytester.runpytest_subprocess(*asked(server.base_url), "-n", "2", timeout=2 * DEADLINE_S)

    done.assert_outcomes(errors=8)
    done.stdout.fnmatch_lines(["*could not be passed on to the workers (No space left on device)*"])
    assert kept(pytester.path) == 8


def test_only_durations_decide() -> None:
    """A clock that jumps changes no verdict and no limit: what reads the date only tells it."""
    package = Path(__file__).parents[1] / "pytest_humaneval"
    reads_the_date = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in ("time.time(", "datetime.now(", "utcnow("))
    }

    # A server's Retry-After may be a date; the HTML report tells when it was made.
    assert reads_the_date <= {"providers/retry.py", "reports/html/report.py"}

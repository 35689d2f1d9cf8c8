"""Runs that are killed, cut off from model, store or disk: nothing is lost or counted twice."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_humaneval.store.disk import FILE_NAME
from tests.support.eight_problems import eight_problems, solving_model, stored_completions
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, command_line
from tests.support.processes import DEADLINE_S, is_running, processes_below, wait_until
from tests.support.serving import StartServer
from tests.support.stub_process import stub_process

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


@contextmanager
def started(folder: Path, *args: str, tmp: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a run in ``folder``, with ``tmp`` for its temporary files; it is killed at the end."""
    with subprocess.Popen(
        command_line("-q", *args),
        cwd=folder,
        env={**os.environ, "TMPDIR": str(tmp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_killed_run_is_taken_up_by_the_next(
    stub_server: StartServer,
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    mode: Sequence[str],
) -> None:
    """SIGKILL during the batch: no process and no folder stays, and only what is missing is requested."""
    server = stub_server(behaviour := solving_model(*[None] * 5, *["hang"] * 3))
    tmp = pytester.mkdir("tmp")
    with started(pytester.path, *eight_problems(server.base_url), *mode, tmp=tmp) as process:
        wait_until(lambda: len(server.log) == 8 and stored_completions(pytester.path) == 5)
        family = processes_below(process.pid)
        process.kill()
    wait_until(lambda: not any(map(is_running, family)))
    behaviour.faults.clear()
    monkeypatch.setenv("TMPDIR", str(tmp))

    finished = evaluate(*eight_problems(server.base_url), *mode)

    assert finished.run["outcomes"] == {"passed": 8}
    assert len(server.log) == 8 + 3
    assert list(tmp.glob("humaneval-*")) == []


def test_a_killed_worker_of_xdist_is_replaced(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """SIGKILL during an item: that one has no verdict, every other exactly one, and the next run has all."""
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


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_killed_or_stopped_sandbox_costs_no_verdict(
    pytester: pytest.Pytester, evaluate: Evaluate, name: str
) -> None:
    """One signal to every process below the run while items run: all items are judged."""
    pytester.makeconftest(
        f"""
        import os, signal, sys, pytest
        sys.path.append({str(ROOT)!r})
        from tests.support.processes import DEADLINE_S, is_running, processes_below, wait_until
        killed = []

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_logreport(report):
            if not killed and report.when == "setup":
                killed.extend(processes_below(os.getpid()))
                for pid in killed:
                    try:
                        os.kill(pid, signal.{name})
                    except ProcessLookupError:
                        pass
                print("killed", len(killed), file=sys.__stderr__)
        """
    )

    finished = evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0-39", "-s")

    assert "killed 0" not in finished.text
    assert "killed" in finished.text
    assert finished.run["outcomes"] == {"passed": 40}


def test_a_model_server_that_is_killed_during_the_batch(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """SIGKILL: what it had answered is scored; the rest has no verdict, and only that is requested again."""
    (pytester.path / "experiments.toml").write_text(
        """
        [servers.one]
        base_url = "http://localhost:8000/v1"
        model = "m"
        max_retries = 0
        [experiments.fewshot_v1_chat]
        server = "one"
        strategy = "fewshot_v1"
        """
    )
    first = pytester.path / "first.json"
    with (
        stub_process("--canonical", "--hang-after=5") as server,
        started(
            pytester.path,
            *eight_problems(server.base_url),
            f"--humaneval-report={first}",
            tmp=pytester.mkdir("tmp"),
        ) as run,
    ):
        wait_until(lambda: server.counters()["requests"] == 8 and server.counters().get("answered") == 5)
        server.process.kill()
        run.wait(DEADLINE_S)
    fresh = stub_server(solving_model())

    finished = evaluate(*eight_problems(fresh.base_url))

    outcomes = json.loads(first.read_text())["experiments"]["fewshot_v1_chat"]["outcomes"]
    assert outcomes == {"passed": 5, "infra_error": 3}
    assert finished.run["outcomes"] == {"passed": 8}
    assert len(fresh.log) == 3


def test_two_runs_at_once_share_a_store(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Both score all problems, each once; a third generates nothing."""
    server = stub_server(solving_model())
    first = pytester.path / "first.json"
    with started(
        pytester.path,
        *eight_problems(server.base_url),
        f"--humaneval-report={first}",
        tmp=pytester.mkdir("tmp"),
    ) as process:
        second = evaluate(*eight_problems(server.base_url))
        process.wait(DEADLINE_S)
    requests = len(server.log)

    third = evaluate(*eight_problems(server.base_url))

    first_outcomes = json.loads(first.read_text())["experiments"]["fewshot_v1_chat"]["outcomes"]
    assert first_outcomes == second.run["outcomes"] == third.run["outcomes"] == {"passed": 8}
    # Whatever one run has stored before the other looks is not requested twice.
    assert 8 <= requests <= 16
    assert len(server.log) == requests


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_store_that_is_removed_during_the_run_loses_nothing(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The folder is removed while items run: one line reports it, and the next run requests nothing."""
    pytester.makeconftest(
        """
        import pathlib, shutil

        def pytest_runtest_logreport(report):
            cache = pathlib.Path(".humaneval_cache")
            if not pathlib.Path("removed").exists() and cache.exists():
                pathlib.Path("removed").touch()
                shutil.rmtree(cache)
        """
    )
    server = stub_server(solving_model())

    first = evaluate(*eight_problems(server.base_url), *mode)
    second = evaluate(*eight_problems(server.base_url), *mode)

    assert (pytester.path / "removed").exists()
    assert first.run["outcomes"] == second.run["outcomes"] == {"passed": 8}
    assert first.text.count("the completion store was removed during the run; it was created again") == 1
    assert "was removed" not in second.text
    assert len(server.log) == 8


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_folder_in_place_of_the_stores_file_is_one_line(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """It is found before any request: one line with the path, what was found and what was expected."""
    pytester.mkdir(".humaneval_cache").joinpath(FILE_NAME).mkdir()
    server = stub_server(solving_model())

    finished = evaluate(*eight_problems(server.base_url), *mode)

    assert finished.status == 4
    assert finished.text.count(f"{FILE_NAME}: this is a folder; expected the file of a completion store") == 1
    assert "sqlite3" not in finished.text.replace(FILE_NAME, "")
    assert server.log == []

"""Runs that are killed, cut off from model, store or disk: nothing is lost or counted twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.store.disk import FILE_NAME
from tests.runs.test_interruptions import kept
from tests.support.evaluating import Evaluate
from tests.support.processes import DEADLINE_S, is_running, processes_below, wait_until
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_killed_or_stopped_sandbox_costs_no_verdict(
    pytester: pytest.Pytester, evaluate: Evaluate, name: str
) -> None:
    """A signal to every process below the run, once, amid its items: all are judged all the same."""
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


def test_a_model_server_that_is_killed_amid_the_batch(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """SIGKILL: what it had answered counts; the rest has no verdict, and only it is asked for again."""
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
        killable_server("--canonical", "--hang-after=5") as (server, base_url),
        started(
            pytester.path,
            *asked(base_url),
            f"--humaneval-report={first}",
            tmp=pytester.mkdir("tmp"),
        ) as run,
    ):
        wait_until(lambda: stats(base_url)["requests"] == 8 and stats(base_url).get("answered") == 5)
        server.kill()
        run.wait(DEADLINE_S)
    fresh = stub_server(model())

    finished = evaluate(*asked(fresh.base_url))

    outcomes = json.loads(first.read_text())["experiments"]["fewshot_v1_chat"]["outcomes"]
    assert outcomes == {"passed": 5, "infra_error": 3}
    assert finished.run["outcomes"] == {"passed": 8}
    assert len(fresh.log) == 3


@contextmanager
def killable_server(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a stub server as a process; yield it and its base URL."""
    command = [sys.executable, "-m", "tests.support.stub_server", *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def stats(base_url: str) -> dict[str, int]:
    """Return the counters of a stub server."""
    with urllib.request.urlopen(f"{base_url.removesuffix('/v1')}/stats") as answer:  # noqa: S310 -- http
        return dict(json.loads(answer.read()))


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


@pytest.mark.parametrize("mode", MODES)
def test_a_store_that_is_removed_amid_the_run_loses_nothing(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The folder goes while items run: the summary says so once, and the next run asks for nothing."""
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
    server = stub_server(model())

    first = evaluate(*asked(server.base_url), *mode)
    second = evaluate(*asked(server.base_url), *mode)

    assert (pytester.path / "removed").exists()
    assert first.run["outcomes"] == second.run["outcomes"] == {"passed": 8}
    assert first.text.count("the completion store was removed during the run; it was created again") == 1
    assert "was removed" not in second.text
    assert len(server.log) == 8


@pytest.mark.parametrize("mode", MODES)
def test_a_folder_in_place_of_the_stores_file_is_one_line(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """It is found before anything is asked: path, what was found and what was expected, once."""
    pytester.mkdir(".humaneval_cache").joinpath(FILE_NAME).mkdir()
    server = stub_server(model())

    finished = evaluate(*asked(server.base_url), *mode)

    assert finished.status == 4
    assert finished.text.count(f"{FILE_NAME}: this is a folder; expected the file of a completion store") == 1
    assert "sqlite3" not in finished.text.replace(FILE_NAME, "")
    assert server.log == []


def test_only_durations_decide() -> None:
    """A clock that jumps changes no verdict and no limit: what reads the date only tells it."""
    package = ROOT / "pytest_humaneval"
    reads_the_date = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if any(word in path.read_text("utf-8") for word in ("time.time(", "datetime.now(", "utcnow("))
    }

    # A server's Retry-After may be a date; the HTML report tells when it was made.
    assert reads_the_date <= {"providers/openai_api/retry.py", "reports/html/report.py"}


CANONICAL = ("--humaneval-experiment=canonical", "--humaneval-tasks=0-7")


@pytest.mark.parametrize("processes", ["0", "10"], ids=["none", "few"])
def test_few_processes_end_the_run_with_one_line(pytester: pytest.Pytester, processes: str) -> None:
    """By ulimit -u: no item is tried, and the line names the limit; the status is that of a usage error."""
    status, text = limited(pytester, f"ulimit -u {processes}", *CANONICAL, prefix=as_ordinary_user())

    assert status == 4, text
    assert text.count("ulimit -u allows this user") == 1
    assert "no tests ran" in text
    assert "Traceback" not in text


def test_with_workers_too_a_sandbox_that_cannot_be_opened_is_said_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The controller finds out before its workers do, none of which could speak."""
    plugin = pytester.makepyfile(
        no_sandbox="""
        import pytest
        from pytest_humaneval.core.errors import SandboxError

        @pytest.hookimpl(tryfirst=True)
        def pytest_configure():
            from pytest_humaneval import reporting

            def refuse(plan):
                raise SandboxError("no sandbox here")

            reporting.sandbox_of = refuse
        """
    )
    monkeypatch.setenv("PYTHONPATH", str(plugin.parent), prepend=os.pathsep)
    run = [sys.executable, "-m", "pytest", "-p", "no_sandbox", "-n", "2", *CANONICAL]
    done = subprocess.run(run, cwd=pytester.path, capture_output=True, text=True, check=False)

    assert (done.returncode, (done.stdout + done.stderr).count("no sandbox here")) == (4, 1)


def test_little_memory_ends_the_run_with_one_line(pytester: pytest.Pytester) -> None:
    """By ulimit -v: as with processes, and with a gate the run is undecided."""
    gated = (*CANONICAL, "--humaneval-fail-under=0.5", "--humaneval-jobs=64")
    status, text = limited(pytester, "ulimit -v 400000", *gated)

    assert status == 6, text
    assert text.count("ulimit -v allows a process 390 MiB of memory") == 1
    assert "no tests ran" in text


def test_less_memory_than_the_limit_is_told(pytester: pytest.Pytester) -> None:
    """A limit of memory that is enough: everything is judged, and the summary tells of it in a line."""
    status, text = limited(pytester, "ulimit -v 1000000", *CANONICAL, "--humaneval-jobs=1")

    assert status == 0, text
    assert text.count("ulimit -v: this shell allows 976 MiB of memory, less than the memory limit") == 1


def limited(pytester: pytest.Pytester, limit: str, *args: str, prefix: Sequence[str] = ()) -> tuple[int, str]:
    """Run pytest under a limit of the shell; return its exit status and all that it printed."""
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", *args]
    done = subprocess.run(
        [*prefix, "bash", "-c", f'{limit} && exec "$@"', "bash", *run],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def as_ordinary_user() -> list[str]:
    """Return a command that becomes a user whom RLIMIT_NPROC binds; root it does not, see getrlimit(2)."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("RLIMIT_NPROC does not bind root, and there is no setpriv(1) to become another user")
    kept = "+dac_override,+dac_read_search"  # the interpreter may be in root's home
    user = "54321"
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
            f"--inh-caps={kept}", f"--ambient-caps={kept}"]  # fmt: skip

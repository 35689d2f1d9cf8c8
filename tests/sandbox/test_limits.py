"""The limits of time, memory and files, also in small pieces, in child processes and in the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from pytest_humaneval.sandbox.runtime.processes.usage import usage_of
from tests.support.processes import processes_below

if not sys.platform.startswith("linux"):
    pytest.skip("these limits are Linux's", allow_module_level=True)

MANY_CALLS = "def check(candidate):\n    for n in range(40):\n        assert candidate(n) == n + 1\n"
ONE_CALL = "def check(candidate):\n    assert candidate(1) == 2\n"


def verdict_on(program: str, test: str = ONE_CALL, *, isolation: str = "auto", **limits: float) -> Verdict:
    """Return the verdict on a program, in a sandbox of its own."""
    candidate = Candidate(textwrap.dedent(program), "f", "", test)
    with open_sandbox(Limits(**limits), isolation=isolation) as sandbox:  # type: ignore[arg-type]
        return sandbox.run(candidate)


@pytest.mark.parametrize("isolation", ["auto", "open"])
@pytest.mark.parametrize(
    "spend",
    [
        "time.sleep(0.04)",
        "while time.process_time() < until: pass",
        "time.sleep(0.02)\n    while time.process_time() < until - 0.02: pass",
    ],
    ids=["asleep", "at work", "half of each"],
)
def test_many_short_calls_take_as_long_as_a_long_one(spend: str, isolation: str) -> None:
    """Forty right answers of 40 ms each exceed a limit of half a second."""
    program = (
        f"import time\ndef f(n):\n    until = time.process_time() + 0.04\n    {spend}\n    return n + 1\n"
    )

    assert verdict_on(program, MANY_CALLS, isolation=isolation, timeout_s=0.5).outcome == "timeout"


def test_child_processes_that_compute_buy_no_time() -> None:
    """With sixty children that compute on its core, it is ended after a small multiple of its limit."""
    began_s = time.monotonic()
    verdict = verdict_on(
        """
        import os
        def f(n):
            for _ in range(60):
                if os.fork() == 0:
                    while True: pass
            while True: pass
        """,
        timeout_s=0.5,
    )

    assert verdict.outcome == "timeout"
    assert time.monotonic() - began_s < 20 * 0.5


@pytest.mark.parametrize("isolation", ["auto", "open"])
def test_memory_in_children_counts_while_answers_flow(isolation: str) -> None:
    """Children that hold more than the limit end a candidate that answers every call at once."""
    program = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                held = b"x" * (100 << 20)
                time.sleep(600)
        def f(n):
            time.sleep(0.05)
            return n + 1
        """

    verdict = verdict_on(program, MANY_CALLS, isolation=isolation, timeout_s=60, memory_mib=256)

    assert (verdict.outcome, verdict.message) == ("memory", "more than 256 MiB in all its processes")


def test_memory_that_the_kernel_holds_counts() -> None:
    """Filled socket buffers are memory, in whichever process they are."""
    program = """
        import os, socket, time
        def fill():
            pairs = []
            try:
                while True:
                    pairs.append(socket.socketpair())
                    pairs[-1][0].setblocking(False)
                    try:
                        while True: pairs[-1][0].send(bytes(100_000))
                    except BlockingIOError: pass
            except OSError:
                time.sleep(600)
        def f(n):
            for _ in range(12):
                if os.fork() == 0: fill()
            time.sleep(600)
        """

    assert verdict_on(program, memory_mib=256).outcome == "memory"


def test_a_candidate_may_use_all_its_memory_after_waiting() -> None:
    """A program that sleeps and then needs much of the memory allowed passes."""
    program = """
        import time
        def f(n):
            time.sleep(0.4)
            held = b"x" * (200 << 20)
            time.sleep(0.2)
            return n + 1
        """

    assert verdict_on(program, memory_mib=512).outcome == "passed"


def test_candidates_that_wait_share_the_memory() -> None:
    """Of five that sleep before they take 200 MiB, most do not hold it at the same time where one may run.

    Until they are looked at, all may have taken it; so what counts is what is held most of the time.
    """
    program = "import time\ntime.sleep(0.4)\nheld = b'x' * (200 << 20)\ntime.sleep(1.2)\ndef f(n): return 2\n"
    candidates = [Candidate(f"{program}# {number}", "f", "", ONE_CALL) for number in range(5)]
    ended = threading.Event()
    held_mib: list[float] = []
    # A browser or a cluster that another test of this process has started holds more than all of these.
    others = set(processes_below(os.getpid()))

    def watch() -> None:
        while not ended.wait(0.02):
            pids = set(processes_below(os.getpid())) - others
            held_mib.append(sum(usage_of(pid).resident_mib for pid in pids))

    with open_sandbox(Limits(memory_mib=512)) as sandbox, ThreadPoolExecutor(6) as threads:
        threads.submit(watch)
        outcomes = {verdict.outcome.value for verdict in threads.map(sandbox.run, candidates)}
        ended.set()

    assert outcomes == {"passed"}
    assert sorted(held_mib)[len(held_mib) * 3 // 4] < 2.5 * 200


def test_files_in_a_folder_of_the_host_are_bounded() -> None:
    """Where its folder is the host's, a candidate that fills the disk is ended."""
    program = """
        def f(n):
            for number in range(1_000_000):
                with open(str(number), "wb") as file: file.write(bytes(1 << 20))
        """
    verdict = verdict_on(program, isolation="open")

    assert (verdict.outcome, verdict.message) == ("memory", "more than 64 MiB of files")


def test_a_socket_can_be_bound_and_reaches_nobody() -> None:
    """With a network of its own, a program that binds a socket goes on; a connection finds nothing."""
    program = """
        import socket
        def f(n):
            with socket.socket() as bound:
                bound.bind(("127.0.0.1", 0))
                bound.listen()
                with socket.socket() as other:
                    try: other.connect(bound.getsockname())
                    except OSError: return 2
        """

    assert verdict_on(program).outcome == "passed"


def test_a_lower_limit_of_cpu_time_stays() -> None:
    """Under a shell's own hard limit below the time limit, right programs pass."""
    program = """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
        from pytest_humaneval.core.records import Candidate, Limits
        from pytest_humaneval.sandbox import open_sandbox
        with open_sandbox(Limits(timeout_s=3.0)) as sandbox:
            print(sandbox.run(Candidate("def f(n): return 2", "f", "", TEST)).outcome)
        """
    source = textwrap.dedent(program).replace("TEST", repr(ONE_CALL))
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "passed"

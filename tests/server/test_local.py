"""The commands that start, stop and watch servers as processes, with a stand-in for vLLM's program."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.engines import free_port
from tests.support.programs import vllm

Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="vLLM does not run there")


@pytest.fixture
def port(tmp_path: Path) -> int:
    """Write the test's experiments file; return the port of its server ``mine``."""
    chosen = free_port()
    (tmp_path / "experiments.toml").write_text(
        f'[servers.mine]\nbase_url = "http://127.0.0.1:{chosen}/v1"\nmodel = "some/model"\n'
        '[servers.far]\nbase_url = "http://gpu.example/v1"\nmodel = "some/model"\n'
    )
    return chosen


@pytest.fixture
def command(tmp_path: Path, port: int) -> Iterator[Command]:
    """Run ``python -m pytest_humaneval.server`` in the test's folder; its server is stopped with the test."""
    assert port

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            line(*arguments),
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )

    yield run
    run("stop", "mine", "--way", "local")


def line(*arguments: str) -> list[str]:
    """Return the command line."""
    return [sys.executable, "-m", "pytest_humaneval.server", *arguments]


def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose state folder is the test's own."""
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def pid_of(status: str) -> int:
    """Return the process number that the output of ``status`` gives."""
    found = re.search(r"process (\d+)", status)
    assert found, status
    return int(found[1])


def test_a_server_lives_from_start_to_stop(command: Command, tmp_path: Path, port: int) -> None:
    """It answers when start returns, is found by status and test, logs, and is gone when stop returns."""
    program = vllm(tmp_path)

    started = command("start", "mine", "--vllm", program)
    states = [
        command(name, "mine", "--way", "local") for name in ("status", "test", "logs", "stop", "status")
    ]

    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout == f"mine: started; some/model at http://127.0.0.1:{port}/v1\n"
    assert [state.returncode for state in states] == [0, 0, 0, 0, 3]
    assert "mine: running, answers" in states[0].stdout
    assert "some/model: one token in" in states[1].stdout
    assert "POST /v1/completions" in states[2].stdout
    assert [state.stdout for state in states[3:]] == ["mine: stopped\n", "mine: not running\n"]


def test_to_start_twice_is_to_start_once(command: Command, tmp_path: Path) -> None:
    """The second start finds the first one's process and leaves it alone; restart makes a new one."""
    program = vllm(tmp_path)

    command("start", "mine", "--vllm", program)
    first = pid_of(command("status", "mine", "--way", "local").stdout)
    again = command("start", "mine", "--vllm", program)
    second = pid_of(command("status", "mine", "--way", "local").stdout)
    command("restart", "mine", "--vllm", program)
    third = pid_of(command("status", "mine", "--way", "local").stdout)

    assert "mine: was running" in again.stdout
    assert first == second != third


def test_two_starts_at_once_make_one_server(tmp_path: Path, command: Command) -> None:
    """The second call waits for the server of the first."""
    starting = [
        subprocess.Popen(
            line("start", "mine", "--vllm", vllm(tmp_path)),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    printed = sorted(process.communicate(timeout=60)[0].split(";")[0] for process in starting)

    assert printed == ["mine: started", "mine: was running"]
    assert command("stop", "mine", "--way", "local").stdout == "mine: stopped\n"


def test_stop_kills_no_process_that_it_did_not_start(command: Command, tmp_path: Path, port: int) -> None:
    """A pid file that was left behind may hold the number of another program's process."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        folder = tmp_path / "state" / "pytest-humaneval" / "servers"
        folder.mkdir(parents=True)
        (folder / f"mine-{port}.pid").write_text(str(innocent.pid))

        stopped = command("stop", "mine", "--way", "local")

        assert stopped.stdout == "mine: was not running\n"
        assert innocent.poll() is None


def test_a_foreign_server_on_the_port_is_left_alone(command: Command, tmp_path: Path, port: int) -> None:
    """A server that was not started from here is reported, and neither used nor stopped."""
    with subprocess.Popen([vllm(tmp_path / "theirs"), "serve", "x", "--port", str(port)]) as foreign:
        while command("status", "mine", "--way", "local").returncode:
            assert foreign.poll() is None
        status = command("status", "mine", "--way", "local")
        started = command("start", "mine", "--vllm", vllm(tmp_path))
        foreign.kill()

    assert "one that was not started from here answers" in status.stdout
    assert started.returncode == 1
    assert "use that one, stop it, or write another port" in started.stderr


@pytest.mark.slow
def test_a_port_that_is_taken(command: Command, tmp_path: Path, port: int) -> None:
    """It is reported in one line, before anything is started."""
    with socket.create_server(("127.0.0.1", port)):
        started = command("start", "mine", "--vllm", vllm(tmp_path), "--timeout", "1")

    assert started.returncode == 1
    assert f"port {port} is not free" in started.stderr
    assert started.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("last_line", "message"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory", "the memory is not enough"),
        ("RuntimeError: Failed to infer device type", "no GPU that it could use"),
        ("OSError: x is not a local folder and is not a valid model identifier", "there is no such model"),
        ("something that nobody has seen before", "ended before it answered"),
    ],
)
def test_a_server_that_dies(command: Command, tmp_path: Path, last_line: str, message: str) -> None:
    """The message gives the cause, as its log shows it, and the log's last line."""
    program = vllm(tmp_path, f"print({last_line!r}); sys.exit(1)")

    started = command("start", "mine", "--vllm", program)

    assert started.returncode == 1
    assert message in started.stderr
    assert f"\n    {last_line}\n" in started.stderr
    assert command("status", "mine", "--way", "local").stdout == "mine: not running\n"


def test_a_server_that_never_answers(command: Command, tmp_path: Path) -> None:
    """The start fails at its time limit, and stops the process."""
    program = vllm(tmp_path, "signal.pause()")

    started = command("start", "mine", "--vllm", program, "--timeout", "0.5")

    assert started.returncode == 1
    assert "does not answer" in started.stderr
    assert "--timeout" in started.stderr
    assert command("status", "mine", "--way", "local").stdout == "mine: not running\n"


def test_ctrl_c_while_it_loads_leaves_nothing(command: Command, tmp_path: Path) -> None:
    """An interrupted start stops the process that it has started."""
    began = tmp_path / "began"
    program = vllm(tmp_path, f"open({str(began)!r}, 'w').close(); signal.pause()")
    # A shell has programs in the background ignore SIGINT, and ignored signals are inherited (signal(7)):
    # without this, the tests would hang where they are started with "&".
    preamble = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    run = preamble + "runpy.run_module('pytest_humaneval.server', run_name='__main__', alter_sys=True)"
    with subprocess.Popen(
        [sys.executable, "-c", run, "start", "mine", "--vllm", program],
        cwd=tmp_path,
        env=environment(tmp_path),
    ) as starting:
        while not began.exists():
            assert starting.poll() is None
        starting.send_signal(signal.SIGINT)
        status = starting.wait(60)

    assert status == 130
    assert command("status", "mine", "--way", "local").stdout == "mine: not running\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("start", "yours"), 4, "no [servers.yours] table; known are: mine, far"),
        (("start", "far", "--way", "local"), 4, "http://gpu.example/v1 is not on this machine"),
        (
            ("start", "mine", "--vllm", "/nowhere/vllm"),
            1,
            "/nowhere/vllm is not installed; run: pip install vllm",
        ),
        (("test", "mine", "--way", "local"), 1, 'server "mine": no answer (http://127.0.0.1:'),
    ],
)
def test_bad_input(command: Command, arguments: tuple[str, ...], status: int, message: str) -> None:
    """It is refused in one line: status 4 for a mistake in the input, 1 for what does not work."""
    done = command(*arguments)

    assert done.returncode == status
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1

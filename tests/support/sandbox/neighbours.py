"""Judge honest candidates among attackers and count changed verdicts; a program, to be run as in ``jails``.

python neighbours.py MODE CANDIDATES SEED     prints one JSON object, see ``Count``
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox
from tests.support.sandbox.adversary import problems
from tests.support.sandbox.attack_cases import read_rows
from tests.support.sandbox.canaries import Canaries, canaries
from tests.support.sandbox.jails import isolation

JOBS = 2
TIMEOUT_S = 1.0
# The share of attackers among all candidates.
SABOTEURS = 0.25
# Attacks on limits take seconds each, so they are only a small share of the attackers.
SLOW = ("limits",)
SLOW_SHARE = 0.02
FILES = (
    "\nimport os, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
    "    with open(os.path.join(folder, 'a'), 'w') as file: file.write('a')\n"
    "    with open(os.path.join(folder, 'a')) as file: assert file.read() == 'a'\n"
    "with open('here', 'wb') as file: file.write(bytes(1 << 20))\nassert os.listdir('.') == ['here']\n"
)
CROWD = (
    "\nimport os, threading\nthreads = [threading.Thread(target=int) for _ in range(8)]\n"
    "for thread in threads: thread.start()\nfor thread in threads: thread.join()\n"
    "child = os.fork()\nif child == 0: os._exit(0)\nassert os.waitpid(child, 0)[1] == 0\n"
    "assert os.getpriority(os.PRIO_PROCESS, 0) == 0\n"
)


@dataclass
class Count:
    """The result of a run.

    Attributes:
        honest: how many honest candidates were judged.
        changed: those whose verdict differs from the one they get without attackers, each with its verdict.
        saboteurs: how many attackers were judged.
        seconds: wall time.
    """

    honest: int = 0
    changed: list[str] = field(default_factory=list)
    saboteurs: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Honest:
    """A candidate that harms nobody."""

    name: str
    candidate: Candidate


def honest_candidates() -> list[Honest]:
    """Return right and wrong solutions of every problem; some use files, threads and processes."""
    found = []
    for task_id, row in problems().items():
        right = row["prompt"] + row["canonical_solution"]
        sources = {"right": right, "files": right + FILES, "crowd": right + CROWD}
        sources["wrong"] = f"def {row['entry_point']}(*_): return 'wrong'\n"
        for kind, source in sources.items():
            candidate = Candidate(source, row["entry_point"], row["prompt"], row["test"])
            found.append(Honest(f"{task_id} {kind}", candidate))
    return found


def saboteurs(watched: Canaries) -> list[tuple[str, Candidate]]:
    """Return the first candidate of every attack, each with its category."""
    found = []
    for case in read_rows():
        row = problems()[case["task_id"]]
        source = row["prompt"] + watched.source(case["completion"])
        found.append((case["category"], Candidate(source, row["entry_point"], row["prompt"], row["test"])))
    return found


def mixed(count: int, seed: int, watched: Canaries) -> Iterator[Honest | Candidate]:
    """Return honest candidates and saboteurs in an order that the seed decides."""
    order = random.Random(seed)  # noqa: S311 -- to be repeated, not to be secret
    honest, hostile = honest_candidates(), saboteurs(watched)
    slow = [candidate for kind, candidate in hostile if kind in SLOW]
    quick = [candidate for kind, candidate in hostile if kind not in SLOW]
    for _ in range(count):
        if order.random() > SABOTEURS:
            yield order.choice(honest)
        else:
            yield order.choice(slow if order.random() < SLOW_SHARE else quick)


def judge_mixed(mode: str, count: int, seed: int) -> Count:
    """Judge candidates in a few workers and count the honest ones whose verdicts were changed."""
    limits = Limits(TIMEOUT_S, 512)
    found, began = Count(), time.monotonic()
    with canaries() as watched, ThreadPoolExecutor(JOBS) as threads:
        with open_sandbox(limits, JOBS, isolation=isolation(mode)) as sandbox:
            honest = honest_candidates()
            verdicts = threads.map(lambda one: sandbox.run(one.candidate).outcome, honest)
            true = {one.name: verdict for one, verdict in zip(honest, verdicts, strict=True)}
        with open_sandbox(limits, JOBS, isolation=isolation(mode)) as sandbox:

            def judged(one: Honest | Candidate) -> None:
                if isinstance(one, Candidate):
                    sandbox.run(one)
                    found.saboteurs += 1
                    return
                verdict = sandbox.run(one.candidate)
                found.honest += 1
                if verdict.outcome != true[one.name]:
                    found.changed.append(f"{one.name}: {verdict.outcome.value}: {verdict.message}"[:200])

            list(threads.map(judged, mixed(count, seed, watched)))
    found.seconds = time.monotonic() - began
    return found


if __name__ == "__main__":
    print(json.dumps(asdict(judge_mixed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))

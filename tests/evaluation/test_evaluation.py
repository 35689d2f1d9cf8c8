"""Evaluation without pytest: as a library."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.errors import ProviderError, SandboxError
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.evaluation.evaluation import Evaluation
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from tests.support.stub_behaviour import Behaviour, Body, canonical_answers, request_text
from tests.support.stub_server import StubServer


def plan(folder: Path, base_url: str | None = None) -> Plan:
    """Plan the first two problems: canonical, or put to a server."""
    name = "canonical" if base_url is None else "fewshot_v1_chat"
    return make_plan(Settings(folder, experiments=(name,), base_url=base_url, max_problems=2))


class StillWaitingError(Exception):
    """Ends the waiting for a result that does not come."""


def stop_waiting() -> None:
    """Wait no longer."""
    raise StillWaitingError


@dataclass
class HangingOn(Behaviour):
    """A server that never answers one problem."""

    entry_point: str = ""

    def refuses(self, body: Body) -> tuple[int, str] | None:
        """Refuse nothing, but let this request hang if it is about that problem."""
        self.faults[:] = ["hang" if self.entry_point in request_text(body) else None]
        return None


def test_results_come_without_pytest(tmp_path: Path) -> None:
    """A plan and a selection are all that an evaluation takes."""
    with Evaluation(plan(tmp_path), {"canonical": ["HumanEval/0", "HumanEval/1"]}) as evaluation:
        outcomes = [evaluation.result("canonical", f"HumanEval/{i}").outcome for i in range(2)]

    assert outcomes == [Outcome.PASSED, Outcome.PASSED]


def test_a_verdict_is_there_while_others_are_still_being_generated(
    tmp_path: Path, stub_server: Callable[[Behaviour], StubServer]
) -> None:
    """Execution does not wait for generation to end: here it never does."""
    model = HangingOn(answer=canonical_answers(read_problems()), entry_point="separate_paren_groups")
    asked = plan(tmp_path, stub_server(model).base_url)

    with Evaluation(asked, {"fewshot_v1_chat": ["HumanEval/0", "HumanEval/1"]}) as evaluation:
        outcome = evaluation.result("fewshot_v1_chat", "HumanEval/0").outcome
        with pytest.raises(StillWaitingError):
            evaluation.result("fewshot_v1_chat", "HumanEval/1", on_wait=stop_waiting)

    assert outcome is Outcome.PASSED


@pytest.mark.slow
def test_a_server_that_is_down_is_an_error_of_the_whole(tmp_path: Path) -> None:
    """Where no completion can be had at all there is no evaluation, and one line says why."""
    with pytest.raises(ProviderError, match=re.escape("http://127.0.0.1:9/v1")):
        Evaluation(plan(tmp_path, "http://127.0.0.1:9/v1"), {"fewshot_v1_chat": ["HumanEval/0"]})


def test_a_sandbox_that_cannot_judge_ends_the_evaluation_at_once(
    tmp_path: Path, stub_server: Callable[[Behaviour], StubServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not the model ever answers: here the interpreter is gone, and the server hangs."""
    model = Behaviour(faults=["hang"] * 2)
    asked = plan(tmp_path, stub_server(model).base_url)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    with pytest.raises(SandboxError, match=r"the sandbox's interpreter cannot be started: .*nothing"):
        Evaluation(asked, {"fewshot_v1_chat": ["HumanEval/0", "HumanEval/1"]})

    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("humaneval-")]

"""Ctrl-C in the midst of repair rounds: nothing is left running, and nothing that was had is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.debugged_problems import answers, dataset, experiments, number_of
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.interrupting import interrupted, linux_only
from tests.support.processes import judges, processes_below
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, Body

TASKS = "--humaneval-tasks=Add/3,Add/4,Add/5"
ARGS = ("--humaneval-dataset=add.jsonl", "--humaneval-experiment=e", TASKS)

pytestmark = [linux_only, pytest.mark.usefixtures("interruptible")]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_first_answers_are_not_generated_again(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Interrupted while second rounds are asked, a run has stored the first; the next one asks the rest."""
    server = stub_server(model := Behaviour(answer=answers, faults=[*[None] * 3, *["hang"] * 3]))
    (pytester.path / "add.jsonl").write_text(dataset())
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url, 1))

    output = interrupted(pytester.path, [*ARGS, *mode], lambda _: len(server.log) == 6)

    assert "INTERNALERROR" not in output

    model.faults.clear()
    assert [len(s["rounds"]) for r in evaluate(*ARGS, *mode).run["results"] for s in r["samples"]] == [1] * 3
    assert len(server.log) == 6 + 3


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_program_that_is_being_tried_ends_with_the_run(
    stub_server: StartServer, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """Interrupted while an answer without end runs on an example, a run leaves nothing of it."""
    endless = "```python\ndef add_{}(x):\n    while True:\n        pass\n```"

    def answer(body: Body) -> list[str | None]:
        return [endless.format(number_of(body))]

    server = stub_server(Behaviour(answer=answer))
    (pytester.path / "add.jsonl").write_text(dataset())
    (pytester.path / "experiments.toml").write_text(experiments(server.base_url, 1))

    def is_trying(pid: int) -> bool:
        # The sandbox's worker, its fork server, and the child in which the program runs.
        return len(server.log) == 3 and sum(map(judges, processes_below(pid))) >= 3

    output = interrupted(pytester.path, [*ARGS, "--humaneval-timeout=600", *mode], is_trying)

    assert "INTERNALERROR" not in output

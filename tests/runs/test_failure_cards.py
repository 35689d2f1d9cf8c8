"""Failure cards of whole runs: what they show, and that their commands can be run as printed."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.support.evaluating import MODES, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

WRONG = (
    "```python\ndef has_close_elements(numbers, threshold):\n    print(numbers)\n    return numbers[99]\n```"
)
EXPERIMENTS = """
[servers.stub]
base_url = "{url}"
model = "stub"

[experiments.one]
server = "stub"
strategy = "fewshot_v1"
"""


@pytest.mark.parametrize("mode", MODES)
def test_a_card_shows_the_failing_line_and_what_was_printed(
    evaluate: Evaluate,
    stub_server: StartServer,
    pytester: pytest.Pytester,
    mode: tuple[str, ...],
) -> None:
    """From the candidate's process to the terminal, plain and distributed."""
    server = stub_server(Behaviour(answer=lambda _: [WRONG]))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.format(url=server.base_url))

    text = evaluate("--humaneval-experiment=one", "--humaneval-tasks=0", *mode).text

    assert "IndexError: list index out of range" in text
    assert ">     return numbers[99]" in text
    assert "--- printed, at the end ---\n[1.0, 2.0, 3.9, 4.0, 5.0, 2.2]\n" in text


def test_the_rerun_needs_no_server(
    evaluate: Evaluate, stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """The completion comes out of the store: the same verdict on just this problem, with the server gone."""
    server = stub_server(Behaviour(answer=lambda _: [WRONG]))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.format(url=server.base_url))
    first = evaluate("--humaneval-experiment=one", "--humaneval-tasks=0-3")
    (command,) = re.findall(r"^rerun: pytest (.*HumanEval/0)$", first.text, flags=re.MULTILINE)
    server.stop()

    again = evaluate(*shlex.split(command))

    assert list(again.verdicts) == ["HumanEval/0"]
    assert again.verdicts["HumanEval/0"] == first.verdicts["HumanEval/0"] == ["exception"]


def test_completions_from_the_store_are_counted_and_make_no_rate(
    evaluate: Evaluate, stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """The second run says where its completions come from, and nothing of a speed of generation."""
    server = stub_server(Behaviour(answer=lambda _: [WRONG]))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.format(url=server.base_url))
    one, both = (f"--humaneval-tasks={tasks}" for tasks in ("0", "0-1"))
    runs = [evaluate("--humaneval-experiment=one", "--tb=no", tasks).text for tasks in (one, both, both)]

    assert ["completions from the store" in text for text in runs] == [False, True, True]
    assert "one: 1 of 2 completions from the store" in runs[1]
    assert "one: 2 of 2 completions from the store" in runs[2]
    assert ["tokens/s" in text for text in runs] == [True, True, False]

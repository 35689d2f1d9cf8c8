"""Failure cards of whole runs: what they show, and that their commands do what they say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest

from tests.support.evaluating import MODES, Evaluate
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

WRONG = (
    "```python\ndef has_close_elements(numbers, threshold):\n    print(numbers)\n    return numbers[99]\n```"
)
EXPERIMENTS = """
[servers.stub]
base_url = "{url}"
model = "stub"

[experiments.asked]
server = "stub"
strategy = "fewshot_v1"
"""


@pytest.mark.parametrize("mode", MODES)
def test_a_card_shows_the_failing_line_and_what_was_printed(
    evaluate: Evaluate,
    stub_server: Callable[[Behaviour], StubServer],
    pytester: pytest.Pytester,
    mode: tuple[str, ...],
) -> None:
    """From the candidate's process to the terminal, plain and distributed."""
    server = stub_server(Behaviour(answer=lambda _: [WRONG]))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.format(url=server.base_url))

    text = evaluate("--humaneval-experiment=asked", "--humaneval-tasks=0", *mode).text

    assert "IndexError: list index out of range" in text
    assert ">     return numbers[99]" in text
    assert "--- printed, at the end ---\n[1.0, 2.0, 3.9, 4.0, 5.0, 2.2]\n" in text


def test_the_rerun_needs_no_server(
    evaluate: Evaluate, stub_server: Callable[[Behaviour], StubServer], pytester: pytest.Pytester
) -> None:
    """The completion comes out of the store: the same verdict with nobody to ask, on just this problem."""
    server = stub_server(Behaviour(answer=lambda _: [WRONG]))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.format(url=server.base_url))
    first = evaluate("--humaneval-experiment=asked", "--humaneval-tasks=0-3")
    (command,) = re.findall(r"^rerun: pytest (.*HumanEval/0)$", first.text, flags=re.MULTILINE)
    server.stop()

    again = evaluate(*shlex.split(command))

    assert list(again.verdicts) == ["HumanEval/0"]
    assert again.verdicts["HumanEval/0"] == first.verdicts["HumanEval/0"] == ["exception"]

"""What is wrong with an answer, found by the prompt's own examples alone."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.calls import CallResult
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Candidate, Completion, Extraction, Outcome, Verdict
from pytest_humaneval.core.selection.probe import probe_of
from pytest_humaneval.core.self_debugging import NO_PROGRAM, Failure, first_failure

STUB = Stub('def f(x):\n    """Add one.\n\n    >>> f(1)\n    2\n    """\n', "f")
RIGHT, WRONG = CallResult("2", "2", True), CallResult("3", "3", False)


class Sandbox:
    """Gives every candidate the same verdict, and remembers what it was given."""

    def __init__(self, outcome: Outcome, *calls: CallResult, message: str | None = None) -> None:
        self.verdict = Verdict(outcome, message, calls=calls)
        self.given: list[Candidate] = []

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict."""
        self.given.append(candidate)
        return self.verdict

    def close(self) -> None:
        """Do nothing."""


def found(sandbox: Sandbox, stub: Stub = STUB, program: str | None = "def f(x): ...") -> Failure | None:
    """Return the failure of an answer that holds this program."""
    return first_failure(
        Completion("the answer"), stub, probe_of(stub), lambda *_: Extraction(program), sandbox
    )


def test_the_first_example_that_fails_is_the_failure() -> None:
    """With its call, what was expected and what it gave; and nothing is wrong where all are right."""
    failure = found(Sandbox(Outcome.PASSED, WRONG))

    assert failure == Failure("def f(x): ...", "f(1) should be 2, but it gave 3")
    assert found(Sandbox(Outcome.PASSED, RIGHT)) is None


def test_a_program_that_ends_early_fails_with_the_reason() -> None:
    """A syntax error, an exception at import or a timeout takes the place of the result."""
    failure = found(Sandbox(Outcome.SYNTAX_ERROR, message="invalid syntax (line 1)"))

    assert failure is not None
    assert failure.text == "f(1) should be 2, but it ended there: invalid syntax (line 1)"


def test_an_answer_without_a_program_fails_by_that() -> None:
    """What stands for the program is the answer as it was; the sandbox has nothing to run."""
    sandbox = Sandbox(Outcome.PASSED, RIGHT)

    assert found(sandbox, program=None) == Failure("the answer", NO_PROGRAM)
    assert not sandbox.given


def test_a_prompt_without_examples_finds_nothing_wrong() -> None:
    """There is nothing to show, whatever the answer is, so there is never a second round."""
    bare = Stub('def f(x):\n    """Add one."""\n', "f")

    assert found(Sandbox(Outcome.SYNTAX_ERROR), bare) is None
    assert found(Sandbox(Outcome.SYNTAX_ERROR), bare, program=None) is None


def test_trouble_of_the_sandbox_is_no_failure_of_the_answer() -> None:
    """It is raised, and a model is not told that its program is wrong."""
    with pytest.raises(SandboxError, match="no process"):
        found(Sandbox(Outcome.INFRA_ERROR, message="no process can be started"))


def test_no_hidden_test_is_among_what_runs() -> None:
    """The candidate has the examples' calls, and neither the problem's prompt nor its test."""
    sandbox = Sandbox(Outcome.PASSED, RIGHT)
    found(sandbox)

    (candidate,) = sandbox.given
    assert (candidate.test, candidate.cases, candidate.prompt) == ("", None, "")
    assert candidate.calls == probe_of(STUB).calls

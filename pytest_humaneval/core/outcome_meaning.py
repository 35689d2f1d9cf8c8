"""What each outcome means, for a person."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_humaneval.core.records import Outcome

OUTCOME_MEANINGS: Mapping[Outcome, str] = {
    Outcome.PASSED: "The program reached the end of the problem's tests.",
    Outcome.WRONG_ANSWER: "The program failed an assertion of the tests.",
    Outcome.NOT_PLAIN_DATA: "The program returned objects whose own methods, such as `==`, would decide, or "
    "more data than is taken. This is not believed, but it is no wrong answer.",
    Outcome.EXCEPTION: "The program raised an exception.",
    Outcome.SYNTAX_ERROR: "The program is not valid Python.",
    Outcome.NO_CODE: "The answer holds no code.",
    Outcome.TRUNCATED: "The length limit cut the answer off inside the program, or while the model was still "
    "thinking.",
    Outcome.TIMEOUT: "The program used up its time.",
    Outcome.MEMORY: "The program used up its memory.",
    Outcome.CRASHED: "The program's process died of a signal, left early, or tampered with the verdict.",
    Outcome.INFRA_ERROR: "There is no verdict, for a reason that is not the model's: a failed request, a "
    "lost worker.",
}
"""For each outcome, one or two sentences of Markdown."""

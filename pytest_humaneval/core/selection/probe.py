"""The probe of a problem: calls by which its samples are compared, made of nothing but its prompt."""

from __future__ import annotations

import marshal
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pytest_humaneval.core.calls import FAILED, Calls
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Candidate, Verdict
from pytest_humaneval.core.selection.annotated import annotated_inputs
from pytest_humaneval.core.selection.examples import Example, read_examples
from pytest_humaneval.core.selection.variations import varied

FURTHER_INPUTS = 20
"""How many inputs are varied from the examples; with more, the choice on recorded samples was no better."""

_MARSHAL_VERSION = 2
_MOST_KEPT = 2_048


@dataclass(frozen=True)
class Probe:
    """The examples of a prompt, and further inputs varied from theirs.

    Attributes:
        entry_point: the function that is called.
        examples: those of the prompt, in its order.
        inputs: arguments of the further calls.
    """

    entry_point: str
    examples: tuple[Example, ...]
    inputs: tuple[tuple[object, ...], ...] = ()

    @cached_property
    def calls(self) -> Calls:
        """All its calls: those of the examples first."""
        arguments = [list(example.arguments) for example in self.examples] + [
            list(each) for each in self.inputs
        ]
        expected = [[example.expected, example.raises, example.digits] for example in self.examples]
        return Calls(marshal.dumps(arguments, _MARSHAL_VERSION), marshal.dumps(expected, _MARSHAL_VERSION))

    def candidate(self, solution: str) -> Candidate:
        """Return what a sandbox is to run: a program with these calls, and no hidden test."""
        return Candidate(solution, self.entry_point, prompt="", test="", calls=self.calls)

    def passed(self, verdict: Verdict) -> int:
        """Return how many of the examples a program got right."""
        return sum(call.is_expected is True for call in verdict.calls)

    def behaviour(self, verdict: Verdict) -> tuple[str, ...]:
        """Return a key of what each call gave; where it gave nothing, of how the program ended."""
        keys = [call.key for call in verdict.calls]
        missing = len(self.examples) + len(self.inputs) - len(keys)
        return tuple(keys + [f"{FAILED}{verdict.outcome}"] * missing)

    def failed_example(self, verdict: Verdict) -> str | None:
        """Return the first example that a program got wrong, with what it gave instead; None if none."""
        for number, example in enumerate(self.examples):
            if number >= len(verdict.calls):
                return f"{self._shown(example)}, but it ended there: {verdict.message or verdict.outcome}"
            if not verdict.calls[number].is_expected:
                return f"{self._shown(example)}, but it gave {verdict.calls[number].text}"
        return None

    def _shown(self, example: Example) -> str:
        call = f"{self.entry_point}({', '.join(map(repr, example.arguments))})"
        if example.raises:
            return f"{call} should raise {example.raises}"
        return f"{call} should be {example.expected!r}"


@lru_cache(maxsize=_MOST_KEPT)
def probe_of(stub: Stub) -> Probe:
    """Return the probe of a problem, which may have no calls at all."""
    examples = read_examples(stub)
    given = tuple(example.arguments for example in examples) or annotated_inputs(stub)
    return Probe(
        stub.entry_point, examples, (*(given if not examples else ()), *varied(given, FURTHER_INPUTS))
    )

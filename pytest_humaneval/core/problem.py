"""A problem: one row of a dataset, and the part of it that post-processing may see."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Stub:
    """All that an extraction step may know of a problem: what the model was asked to continue.

    Attributes:
        suffix: what follows the gap that the model was asked to fill; empty where the text just goes on.
    """

    prompt: str
    entry_point: str
    suffix: str = ""


@dataclass(frozen=True)
class Cases:
    """Inputs on which a candidate must return what a reference returns (EvalPlus, arXiv:2305.01210).

    Attributes:
        reference: source of a module that defines the entry point; trusted.
        base: the arguments of each base case: ``marshal`` data of a list of lists.
        plus: those of the further cases, in the same form; empty where there are none.
        atol: absolute tolerance for numbers; 0 where the results must be equal, but see ``rule``.
        rule: the name of the rule by which results are compared; see ``sandbox.runtime.trusted.cases.rules``.
    """

    reference: str
    base: bytes
    plus: bytes = b""
    atol: float = 0.0
    rule: str = "equal"


@dataclass(frozen=True)
class Problem:
    """One row of a dataset; its form is HumanEval's (Chen et al. 2021, arXiv:2107.03374).

    Attributes:
        task_id: its name in the dataset, such as ``HumanEval/0``.
        entry_point: the name of the function that is called.
        prompt: what a model is asked to continue; for infilling, what stands before the gap.
        canonical_solution: continues the prompt; for infilling, it fills the gap.
        test: source that defines ``check(candidate)``; empty where there are ``cases``.
        cases: what a candidate is judged by instead of ``test``.
        suffix: what stands after the gap; empty unless the task is infilling.
        buggy: a wrong solution that the model is asked to repair; empty unless that is the task.
        least_timeout_s: CPU seconds that a candidate has at least, unless a limit is given; for a problem
            whose own solution takes about as long as the usual limit.
        shows_test: whether the prompt shows all of the test, which is then no hidden one.
    """

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str
    cases: Cases | None = None
    suffix: str = ""
    buggy: str = ""
    least_timeout_s: float = 0.0
    shows_test: bool = False

    @property
    def has_base_tests(self) -> bool:
        """Whether it has base tests and further ones, so that a candidate may pass the base tests alone."""
        return self.cases is not None and bool(self.cases.plus)

    def limited(self, timeout_s: float | None) -> Problem:
        """Return the problem with another time limit, in CPU seconds; None: with its own."""
        return self if timeout_s is None else replace(self, least_timeout_s=timeout_s)

    @property
    def stub(self) -> Stub:
        """The part of the problem that post-processing is allowed to see."""
        return Stub(self.prompt, self.entry_point, self.suffix)

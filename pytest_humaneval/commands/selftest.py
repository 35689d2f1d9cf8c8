"""The command --humaneval-selftest: check the harness itself before spending time on a GPU.

Right answers must pass in every form in which a model may write them, answers that do nothing must fail, and
the sandbox must not be deceived or blocked by a program.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_humaneval.commands.selftest_answers import SelftestCase, answers, candidate
from pytest_humaneval.commands.selftest_examples import report_examples
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.evaluation.datasets import find_dataset
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.sandboxes import executed
from pytest_humaneval.sandbox import SandboxKind

_GUARDED = Problem(
    "selftest", "def f(x):\n", "f", "", "def check(candidate):\n    assert candidate(1) == 2\n"
)
# Lower than in a run, since two of the guarded programs use them up.
_LIMITS = Limits(timeout_s=0.5, memory_mib=256)
_GUARDS = {
    "a right answer passes": ("return x + 1", {Outcome.PASSED}),
    "a wrong answer fails": ("return x", {Outcome.WRONG_ANSWER}),
    "exiting early is no pass": ("import sys; sys.exit(0)", {Outcome.CRASHED, Outcome.EXCEPTION}),
    "exiting without cleanup is no pass": ("import os; os._exit(0)", {Outcome.CRASHED}),
    "printing is no pass": ("print('passed')", {Outcome.WRONG_ANSWER}),
    "an object that equals everything is no pass": (
        "return type('E', (), {'__eq__': lambda s, o: True})()",
        {Outcome.NOT_PLAIN_DATA},
    ),
    "an endless loop is stopped": ("\n    while True: pass", {Outcome.TIMEOUT}),
    "excessive memory is refused": ("return len([0] * 10**9)", {Outcome.MEMORY}),
}
_MAX_SHOWN = 5


def run_selftest(settings: Settings, registry: Registry, print_line: Callable[[str], None]) -> int:
    """Run every check and print its result; return 0 if all passed, 1 for a failure, else 6 (undecided)."""
    start_s, kinds = time.monotonic(), registry.kinds.sandboxes
    dataset = find_dataset(settings.dataset, registry, settings.datasets)
    if dataset.name != HUMANEVAL:
        print_line(f"dataset: {dataset.name} ({len(dataset.problems)} problems of {dataset.path})")
    decisions = [
        *_run(settings, Limits(), answers(dataset.problems), kinds, print_line),
        *_run(settings, _LIMITS, _guards(), kinds, print_line),
    ]
    report_examples(settings, dataset.problems, kinds, print_line)
    worst = next((each for each in (Decision.FAILS, Decision.UNDECIDED) if each in decisions), Decision.HOLDS)
    word = {Decision.HOLDS: "all is well", Decision.FAILS: "FAILED", Decision.UNDECIDED: "undecided"}[worst]
    print_line(f"self-test: {word} ({len(decisions)} checks in {time.monotonic() - start_s:.1f} s)")
    return worst.exit_status


def _guards() -> list[SelftestCase]:
    return [
        SelftestCase(name, [(name, candidate(_GUARDED, f"def f(x):\n    {body}\n"))], frozenset(expected))
        for name, (body, expected) in _GUARDS.items()
    ]


def _run(
    settings: Settings,
    limits: Limits,
    checks: Sequence[SelftestCase],
    kinds: Mapping[str, SandboxKind],
    print_line: Callable[[str], None],
) -> list[Decision]:
    """Execute each distinct program of the checks once, and decide each check."""
    # In fifteen forms the 164 answers give 2,460 programs, of which 1,148 are distinct.
    programs = list(dict.fromkeys(each for check in checks for _, each in check.candidates if each))
    verdicts = executed(settings, limits, programs, kinds)
    known = dict(zip(programs, verdicts, strict=True))
    return [_judge(check, known, print_line) for check in checks]


def _judge(
    check: SelftestCase, known: dict[Candidate, Verdict], print_line: Callable[[str], None]
) -> Decision:
    none = Verdict(Outcome.NO_CODE, "no code was found in the answer")
    ended = [(name, known[each] if each else none) for name, each in check.candidates]
    lost = [each for each in ended if each[1].outcome is Outcome.INFRA_ERROR]
    bad = [each for each in ended if each[1].outcome not in check.expected and each not in lost]
    right = len(ended) - len(bad) - len(lost)
    print_line(f"{'ok  ' if right == len(ended) else 'FAIL'}  {check.name}: {right}/{len(ended)}")
    for line in _failure_lines([*bad, *lost]):
        print_line(f"      {line}")
    return Decision.FAILS if bad else Decision.UNDECIDED if lost else Decision.HOLDS


def _failure_lines(ended: Sequence[tuple[str, Verdict]]) -> Iterable[str]:
    for name, verdict in ended[:_MAX_SHOWN]:
        yield f"{name}: {verdict.outcome} ({verdict.message})"

"""The examples that prompts show, held against the dataset's own solutions: choosing relies on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pytest_humaneval.commands.selftest_answers import whole_program
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Limits, Outcome
from pytest_humaneval.core.selection.examples import read_examples
from pytest_humaneval.core.selection.probe import Probe
from pytest_humaneval.evaluation.sandboxes import executed
from pytest_humaneval.sandbox import SandboxKind

_MAX_SHOWN = 10


def report_examples(
    settings: Settings,
    problems: Sequence[Problem],
    kinds: Mapping[str, SandboxKind],
    print_line: Callable[[str], None],
) -> None:
    """Print how many examples the prompts show, and how many do not hold for the dataset's own solution.

    That is no failure: some prompts of HumanEval are wrong. Choosing uses every example, since a user would.
    """
    probes = {each.task_id: Probe(each.entry_point, read_examples(each.stub)) for each in problems}
    having = [problem for problem in problems if probes[problem.task_id].examples]
    candidates = [probes[each.task_id].candidate(whole_program(each)) for each in having]
    verdicts = executed(settings, Limits(), candidates, kinds)
    total = sum(len(probes[each.task_id].examples) for each in having)
    lost = sum(verdict.outcome is Outcome.INFRA_ERROR for verdict in verdicts)
    wrong = {
        problem.task_id: len(probes[problem.task_id].examples) - probes[problem.task_id].passed(verdict)
        for problem, verdict in zip(having, verdicts, strict=True)
        if verdict.outcome is not Outcome.INFRA_ERROR
    }
    found = {task_id: count for task_id, count in wrong.items() if count}
    holds = f"{sum(found.values())} do not hold for the dataset's own solution"
    print_line(
        f"info  examples in prompts: {total} in {len(having)} of {len(problems)} problems; {holds}"
        f"{f', {lost} not run' if lost else ''}"
    )
    for line in _named(found):
        print_line(f"      {line}")


def _named(found: Mapping[str, int]) -> Iterator[str]:
    names = [f"{task_id} ({count})" for task_id, count in found.items()]
    if names:
        more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
        yield ", ".join(names[:_MAX_SHOWN]) + more

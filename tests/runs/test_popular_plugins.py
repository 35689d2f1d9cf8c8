"""Beside the plugins that many use: the same outcomes, exit status and figures as without them."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.easy_problems import COUNT
from tests.support.evaluating import (
    PLAIN_AND_WORKERS,
    Evaluate,
    Finished,
)
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

PASSING = set(range(0, COUNT, 2))
OPTIONS = {
    "asyncio": ("-o", "asyncio_default_fixture_loop_scope=function"),
    "html": ("--html=page.html", "--self-contained-html"),
    "instafail": ("--instafail",),
    "pytest_cov": ("--cov=.", "--cov-report="),
    "randomly": (),
    "rerunfailures": ("--reruns=1",),
    # pytest 9 has subtests of its own, under the same name, and passes the plugin over.
    "subtests": (),
    "sugar": ("--force-sugar",),
    "timeout": ("--timeout=60",),
}
EVERY_OPTION = tuple(option for options in OPTIONS.values() for option in options)
INSTALLED = {entry.name for entry in metadata.entry_points(group="pytest11")}


def installed(*names: str) -> tuple[str, ...]:
    """Return the plugins' names; skip the test where one is not installed."""
    if missing := set(names) - INSTALLED:
        pytest.skip(f"needs {', '.join(sorted(missing))}, of the extra dev")
    return names


def assert_same_figures(done: Finished) -> None:
    """The exit status, the verdicts and the table are those of a run without any plugin."""
    verdicts = {f"Easy/{number}": "passed" if number in PASSING else "exception" for number in range(COUNT)}

    assert done.status == 1
    assert done.verdicts == {task_id: [outcome] for task_id, outcome in verdicts.items()}
    assert done.run["outcomes"] == {"passed": len(PASSING), "exception": COUNT - len(PASSING)}
    assert re.search(rf"^samples +50\.0 ?%.* {len(PASSING)}/{COUNT} ", done.text, re.MULTILINE)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_plugin_changes_no_figure(score_easy: Evaluate, name: str, pytester: pytest.Pytester) -> None:
    """Half of the problems fail: each counts once, also one that is run again."""
    pytester.makeconftest("COVERED = True")
    done = score_easy(PASSING, *OPTIONS[name], plugins=installed(name))

    assert_same_figures(done)
    assert "Traceback" not in done.text
    assert "Warning" not in done.text


def test_all_of_them_at_once_with_workers_change_no_figure(score_easy: Evaluate) -> None:
    """Nor do they in the way of each other."""
    assert_same_figures(score_easy(PASSING, "-n", "2", *EVERY_OPTION, plugins=installed(*OPTIONS)))


EXPERIMENT = """
[servers.slow]
base_url = "{base_url}"
model = "slow"

[experiments.slow]
server = "slow"
strategy = "fewshot_v1"
"""


@pytest.fixture
def slow(stub_server: Callable[[Behaviour], StubServer], pytester: pytest.Pytester) -> tuple[str, ...]:
    """The arguments of a run that waits for its model for a second."""
    server = stub_server(Behaviour(canonical_answers(read_problems()), latency_s=1.0))
    (pytester.path / "experiments.toml").write_text(EXPERIMENT.format(base_url=server.base_url))
    return "--humaneval-experiment=slow", "--humaneval-max-problems=2", "--humaneval-cache=off"


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("method", ["signal", "thread"])
def test_a_time_limit_does_not_cut_the_wait_for_the_model(
    evaluate: Evaluate, slow: tuple[str, ...], method: str, mode: tuple[str, ...]
) -> None:
    """pytest-timeout's limit is for one test, and this wait is that of all tests."""
    limits = "--timeout=0.5", f"--timeout-method={method}"
    done = evaluate(*slow, *mode, *limits, plugins=installed("timeout"))

    assert done.status == 0
    assert done.run["outcomes"] == {"passed": 2}


OWN_TESTS = """
def test_fast():
    pass

def test_endless():
    while True:
        pass

def test_endless_after_the_wait(humaneval_results):
    while True:
        pass
"""


def test_a_time_limit_holds_for_all_else(
    evaluate: Evaluate, slow: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    """Other tests have theirs, also from the ini file; a test that waits for the model, after the wait."""
    pytester.makepyfile(OWN_TESTS)
    pytester.makeini("[pytest]\ntimeout = 0.5\ntimeout_func_only = true")
    done = evaluate(*slow, "humaneval", ".", plugins=installed("timeout"))

    done.result.assert_outcomes(passed=3, failed=2)
    assert done.run["outcomes"] == {"passed": 2}

"""Gates as CI meets them: what decides the exit status, and where a gate may be written."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.support.easy_problems import FIRST, easy_dataset
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("passing", "least", "status"),
    [(10, "0.5", 0), (10, "50%", 0), (9, "0.5", 1), (0, "0", 0), (20, "100%", 0)],
)
def test_a_threshold_decides_the_exit_status(
    score_easy: Evaluate, passing: int, least: str, status: int, mode: Sequence[str]
) -> None:
    """0 if pass@1 reaches it, 1 if not; items that failed are shown as failed in both cases."""
    finished = score_easy(FIRST[passing], f"--humaneval-fail-under={least}", *mode)

    assert finished.status == status
    finished.result.assert_outcomes(passed=passing, failed=20 - passing)


def test_a_stopped_run_is_undecided(score_easy: Evaluate) -> None:
    """Problems that were not reached leave the gate undecided."""
    assert score_easy(FIRST[10], "--humaneval-fail-under=0.1", "-x").status == 6


def test_a_failing_test_of_the_project_is_not_hidden_by_the_gate(
    score_easy: Evaluate, pytester: pytest.Pytester
) -> None:
    """The gate decides over the items of the suite only."""
    pytester.makepyfile(test_own="def test_own(): assert False")

    assert score_easy(FIRST[20], "--humaneval-fail-under=0.5", "test_own.py", "humaneval").status == 1


@pytest.mark.parametrize(
    ("variables", "ini", "args", "status"),
    [
        pytest.param({"HUMANEVAL_FAIL_UNDER": "60%"}, "", (), 1, id="environment"),
        pytest.param({}, "humaneval_fail_under = 60%", (), 1, id="ini"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": "40%"}, "humaneval_fail_under = 60%", (), 0, id="over-ini"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": "60%"}, "", ("--humaneval-fail-under=0.5",), 0, id="flag-wins"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": ""}, "", (), 4, id="empty-is-a-mistake"),
        pytest.param({"HUMANEVAL_BASELINE": "nothing.json"}, "", (), 4, id="baseline"),
    ],
)
def test_a_gate_may_come_from_the_environment(
    score_easy: Evaluate,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    ini: str,
    args: Sequence[str],
    status: int,
) -> None:
    """The command line wins, then the environment, then the ini file; a mistake in any is reported."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert score_easy(FIRST[10], *args).status == status


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("gate", "args", "status"),
    [
        pytest.param("fail_under = 0.6", (), 1, id="floor"),
        pytest.param("fail_under = 0.5", (), 0, id="floor-reached"),
        pytest.param("fail_under = 0.6", ("--humaneval-fail-under=0.5",), 0, id="flag-wins"),
        pytest.param('baseline = "earlier/before.json"', (), 1, id="baseline"),
    ],
)
def test_an_experiment_may_have_a_gate_of_its_own(
    score_easy: Evaluate,
    pytester: pytest.Pytester,
    gate: str,
    args: Sequence[str],
    status: int,
    mode: Sequence[str],
) -> None:
    """Keys of an experiment set its gate; a baseline's path is relative to experiments.toml."""
    (pytester.path / "earlier").mkdir()
    (pytester.path / "earlier" / "before.json").write_text(json.dumps(score_easy(FIRST[20]).report))
    (pytester.path / "experiments.toml").write_text(f'[experiments.e]\nprovider = "canonical"\n{gate}\n')

    assert score_easy(FIRST[10], "--humaneval-experiment=e", *args, *mode).status == status


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize("gate", ["--humaneval-fail-under=0.1", "--humaneval-baseline=b.json"])
def test_lost_verdicts_leave_every_gate_undecided(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    stub_server: StartServer,
    gate: str,
    mode: Sequence[str],
) -> None:
    """A request that failed for good is neither a pass nor a fail: 6, whatever the outcomes of the others."""
    server = stub_server(Behaviour(answer=lambda _body: ["    pass\n"]))
    (pytester.path / "easy.jsonl").write_text(easy_dataset(8))
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "stub"\nmax_retries = 0\n'
        '[experiments.e]\nserver = "s"\napi = "completion"\nstrategy = "minimal"\npostprocess = "auto"\n'
    )
    flags = ("--humaneval-dataset=easy.jsonl", "--humaneval-experiment=e", "--humaneval-cache=off", "--tb=no")
    (pytester.path / "b.json").write_text(json.dumps(evaluate(*flags).report))
    server.behaviour.faults += [None, None, "500"]

    finished = evaluate(*flags, gate, "--humaneval-save-baseline=main", *mode)

    assert finished.status == 6
    finished.result.stdout.fnmatch_lines(["gate: undecided*", "baseline 'main' not saved: *"])


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--humaneval-k=1,2",), "k: pass@2 needs at least 2 samples of each problem, found 1"),
        (("--humaneval-k=0",), "--humaneval-k: found '0', expected whole numbers of at least 1"),
        (("--humaneval-tasks=15-30",), "'15-30' goes beyond the last problem, 19; write 15-19"),
    ],
)
def test_impossible_selections_are_refused_beforehand(
    score_easy: Evaluate, args: Sequence[str], found: str
) -> None:
    """A k above the number of samples, a k of 0, and problems beyond the last one."""
    finished = score_easy(FIRST[5], *args)

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert found in finished.text

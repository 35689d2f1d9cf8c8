"""Gates as CI meets them: exit statuses, from the command line, plain and under xdist."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from xml.etree import ElementTree

import jsonschema
import pytest

from pytest_humaneval.reports.json_report import SCHEMA
from tests.support.evaluating import Evaluate, completion, write_samples
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

MODES = [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")]
PASS, FAIL = "    pass\n", "    return 1/0\n"


def dataset(count: int) -> str:
    """Return problems that any body passes unless it raises."""
    rows = [
        {
            "task_id": f"Easy/{number}",
            "prompt": f"def easy_{number}():\n",
            "entry_point": f"easy_{number}",
            "canonical_solution": PASS,
            "test": "def check(candidate):\n    assert candidate() is None\n",
        }
        for number in range(count)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def score(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Score 20 easy problems, of which the first so many pass."""
    (pytester.path / "easy.jsonl").write_text(dataset(20))

    def run(passing: set[int], *args: str) -> object:
        rows = [
            {**completion(0, PASS if number in passing else FAIL), "task_id": f"Easy/{number}"}
            for number in range(20)
        ]
        write_samples(pytester.path / "samples.jsonl", rows)
        return evaluate(
            "--humaneval-dataset=easy.jsonl", "--humaneval-samples=samples.jsonl", "--tb=no", *args
        )

    return run  # type: ignore[return-value]


FIRST = [set(range(count)) for count in range(21)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("passing", "least", "status"),
    [(10, "0.5", 0), (10, "50%", 0), (9, "0.5", 1), (0, "0", 0), (20, "100%", 0)],
)
def test_a_threshold_decides_the_exit_status(
    score: Evaluate, passing: int, least: str, status: int, mode: Sequence[str]
) -> None:
    """0 if pass@1 reaches it, 1 if not; the items show as failed all the same."""
    finished = score(FIRST[passing], f"--humaneval-fail-under={least}", *mode)

    assert finished.status == status
    finished.result.assert_outcomes(passed=passing, failed=20 - passing)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("before", "now", "status"),
    [
        pytest.param(FIRST[10], FIRST[10], 0, id="the-same"),
        pytest.param(FIRST[10], FIRST[5], 0, id="five-lost-is-not-significant"),
        pytest.param(FIRST[10], FIRST[4], 1, id="six-lost-is"),
        pytest.param(FIRST[4], FIRST[10], 0, id="a-gain-is-no-loss"),
        pytest.param(FIRST[20], FIRST[0], 1, id="all-lost"),
    ],
)
def test_a_baseline_fails_on_a_significant_loss(
    score: Evaluate,
    pytester: pytest.Pytester,
    before: set[int],
    now: set[int],
    status: int,
    mode: Sequence[str],
) -> None:
    """McNemar's exact test decides, not the difference of two figures."""
    (pytester.path / "baseline.json").write_text(json.dumps(score(before).report))

    finished = score(now, "--humaneval-baseline=baseline.json", *mode)

    assert finished.status == status
    comparison = finished.report["comparison"]["samples"]
    assert comparison["gained"] == [f"Easy/{number}" for number in sorted(now - before)]
    assert comparison["lost"] == [f"Easy/{number}" for number in sorted(before - now)]
    assert comparison["decision"] == ("holds" if status == 0 else "fails")


def test_a_baseline_and_a_threshold_must_both_hold(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A drop below the floor fails the gate even where the loss is not significant."""
    (pytester.path / "baseline.json").write_text(json.dumps(score(FIRST[10]).report))

    finished = score(FIRST[9], "--humaneval-baseline=baseline.json", "--humaneval-fail-under=0.5")

    assert finished.status == 1


def test_a_baseline_of_another_dataset_is_refused(score: Evaluate, pytester: pytest.Pytester) -> None:
    """Figures of two datasets are not compared."""
    report = score(FIRST[10]).report
    report["experiments"]["samples"]["manifest"]["dataset_sha256"] = "0" * 64
    (pytester.path / "baseline.json").write_text(json.dumps(report))

    finished = score(FIRST[10], "--humaneval-baseline=baseline.json")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "another dataset" in finished.text


def test_a_stopped_run_is_undecided(score: Evaluate) -> None:
    """Problems that were not reached leave the gate undecided."""
    assert score(FIRST[10], "--humaneval-fail-under=0.1", "-x").status == 6


def test_a_failing_test_of_the_project_is_not_hidden_by_the_gate(
    score: Evaluate, pytester: pytest.Pytester
) -> None:
    """The gate speaks for the items of the suite alone."""
    pytester.makepyfile(test_own="def test_own(): assert False")

    assert score(FIRST[20], "--humaneval-fail-under=0.5", "test_own.py", "humaneval").status == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_saved_baseline_is_compared_with_by_its_name(
    score: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """Saved under a number and a name; the newest of that name is meant; flips are told in words."""
    score(FIRST[20], "--humaneval-save-baseline=main", *mode)
    score(FIRST[10], "--humaneval-save-baseline=main", *mode)

    finished = score(FIRST[9], "--humaneval-baseline=main", *mode)

    kept = sorted(path.name for path in (pytester.path / ".humaneval_baselines").iterdir())
    assert kept == ["0001_main.json", "0002_main.json"]
    assert finished.status == 0
    assert finished.report["comparison"]["samples"]["lost"] == ["Easy/9"]
    finished.result.stdout.fnmatch_lines(
        [
            "samples: not distinguishable from the baseline: 45.0% after 50.0% in 0002_main.json",
            "  -5.0 points (95% interval * to +*), +0/-1 problems, p = 1 (McNemar, exact)",
            "  lost: Easy/9",
            "  a difference of less than 30.0 points would not be significant with so many problems",
        ]
    )


def test_a_run_that_the_gate_stops_becomes_no_baseline(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A loss does not lower the bar for the next run."""
    finished = score(FIRST[4], "--humaneval-fail-under=50%", "--humaneval-save-baseline=main")

    assert finished.status == 1
    finished.result.stdout.fnmatch_lines(["baseline 'main' not saved: the gate says fails"])
    assert not (pytester.path / ".humaneval_baselines").exists()


def test_a_baseline_that_was_never_saved_is_a_usage_error(score: Evaluate) -> None:
    """One line, before anything runs, that says how to save one."""
    finished = score(FIRST[20], "--humaneval-baseline=main")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "has no baseline called 'main'" in finished.text


@pytest.mark.parametrize(
    ("variables", "ini", "args", "status"),
    [
        pytest.param({"HUMANEVAL_FAIL_UNDER": "60%"}, "", (), 1, id="environment"),
        pytest.param({}, "humaneval_fail_under = 60%", (), 1, id="ini"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": "40%"}, "humaneval_fail_under = 60%", (), 0, id="over-ini"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": "60%"}, "", ("--humaneval-fail-under=0.5",), 0, id="flag-wins"),
        pytest.param({"HUMANEVAL_FAIL_UNDER": ""}, "", (), 4, id="empty-is-no-gate-left-out"),
        pytest.param({"HUMANEVAL_BASELINE": "nothing.json"}, "", (), 4, id="baseline"),
    ],
)
def test_a_gate_may_come_from_the_environment(
    score: Evaluate,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    ini: str,
    args: Sequence[str],
    status: int,
) -> None:
    """The command line wins, then the environment, then the ini file; a mistake in any is told."""
    pytester.makeini(f"[pytest]\n{ini}\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert score(FIRST[10], *args).status == status


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("gate", "args", "status"),
    [
        pytest.param("fail_under = 0.6", (), 1, id="floor"),
        pytest.param("fail_under = 0.5", (), 0, id="floor-reached"),
        pytest.param("fail_under = 0.6", ("--humaneval-fail-under=0.5",), 0, id="flag-wins"),
        pytest.param('baseline = "kept/before.json"', (), 1, id="baseline"),
    ],
)
def test_an_experiment_may_have_a_gate_of_its_own(
    score: Evaluate,
    pytester: pytest.Pytester,
    gate: str,
    args: Sequence[str],
    status: int,
    mode: Sequence[str],
) -> None:
    """What experiments.toml says of an experiment holds; a path is seen from that file."""
    (pytester.path / "kept").mkdir()
    (pytester.path / "kept" / "before.json").write_text(json.dumps(score(FIRST[20]).report))
    (pytester.path / "experiments.toml").write_text(f'[experiments.e]\nprovider = "canonical"\n{gate}\n')

    assert score(FIRST[10], "--humaneval-experiment=e", *args, *mode).status == status


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("gate", ["--humaneval-fail-under=0.1", "--humaneval-baseline=b.json"])
def test_lost_verdicts_leave_every_gate_undecided(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    stub_server: Callable[[Behaviour], StubServer],
    gate: str,
    mode: Sequence[str],
) -> None:
    """A request that failed for good is neither a pass nor a fail: 6, whatever the others came to."""
    server = stub_server(Behaviour(answer=lambda _body: ["    pass\n"]))
    (pytester.path / "easy.jsonl").write_text(dataset(8))
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


def test_what_differs_from_the_baseline_is_flagged(score: Evaluate, pytester: pytest.Pytester) -> None:
    """Another model, n or limit is no refusal, but nobody overlooks it."""
    report = score(FIRST[10]).report
    report["experiments"]["samples"]["manifest"] |= {"model": "other", "n": 5}
    (pytester.path / "baseline.json").write_text(json.dumps(report))

    finished = score(FIRST[10], "--humaneval-baseline=baseline.json", "--humaneval-timeout=9")

    assert finished.report["comparison"]["samples"]["differs"] == [
        "model: 'other' then, 'samples' now",
        "n: 5 then, 1 now",
        "limits: timeout_s 3.0 then, 9.0 now",
    ]
    finished.result.stdout.fnmatch_lines(["  different settings: model: 'other' then, 'samples' now"])


def test_problems_that_one_of_the_two_lacks_are_told(score: Evaluate, pytester: pytest.Pytester) -> None:
    """A selection is compared on what it has; the rest is counted, and nothing in common is undecided."""
    report = score(FIRST[10]).report
    (pytester.path / "all.json").write_text(json.dumps(report))
    results = report["experiments"]["samples"]["results"]
    report["experiments"]["samples"]["results"] = [each for each in results if each["task_id"] == "Easy/19"]
    (pytester.path / "one.json").write_text(json.dumps(report))

    some = score(FIRST[10], "--humaneval-baseline=all.json", "--humaneval-tasks=0-4")
    unmatched = some.report["comparison"]["samples"]["unmatched"]
    none = score(FIRST[10], "--humaneval-baseline=one.json", "--humaneval-tasks=0-4")

    assert (some.status, unmatched) == (0, 15)
    assert (none.status, none.report["comparison"]["samples"]["decision"]) == (6, "undecided")


@pytest.mark.parametrize("mode", MODES)
def test_the_report_keeps_to_its_schema(
    score: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """With comparison and ablation, plain and under xdist: every key is described, and none is missing."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    (pytester.path / "b.json").write_text(json.dumps(score(FIRST[10]).report))

    report = score(FIRST[4], "--humaneval-baseline=b.json", "--humaneval-ablate", *mode).report

    validator.check_schema(validator.schema)
    assert list(validator.iter_errors(report)) == []
    assert report["comparison"]


@pytest.mark.parametrize("mode", MODES)
def test_junit_tells_the_figures_of_the_session_and_of_each_problem(
    score: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """The suite has the experiment's pass@1 and the gate; each case its own pass@1."""
    score(FIRST[5], "--humaneval-fail-under=0.2", "--junitxml=junit.xml", *mode)

    root = ElementTree.parse(pytester.path / "junit.xml")  # noqa: S314 (our own file)
    of_suite = {p.attrib["name"]: p.attrib["value"] for p in root.iterfind("./testsuite/properties/property")}
    of_cases = [p.attrib["value"] for p in root.iter("property") if p.attrib["name"] == "humaneval_pass@1"]
    assert of_suite == {
        "humaneval.samples.pass@1": "0.25",
        "humaneval.samples.passed": "5/20",
        "humaneval.samples.undecided": "0",
        "humaneval.gate": "holds",
    }
    assert sorted(of_cases) == ["0.0"] * 15 + ["1.0"] * 5


@pytest.mark.parametrize("mode", MODES)
def test_github_actions_is_told(
    score: Evaluate, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, mode: Sequence[str]
) -> None:
    """Annotations after the silence in which models speak, and one summary, from one process alone."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))

    lines = score(FIRST[5], "--humaneval-fail-under=0.5", *mode).result.outlines

    token = next(line for line in lines if line.startswith("::stop-commands::")).split("::")[2]
    told = lines[lines.index(f"::{token}::") + 1 :]
    assert told[0] == "::error title=HumanEval%3A samples::pass@1 is 25.0%25, below the floor of 50.0%25"
    assert (pytester.path / "summary.md").read_text().count("## HumanEval") == 1


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--humaneval-k=1,2",), "k: pass@2 needs at least 2 samples of each problem, found 1"),
        (("--humaneval-k=0",), "--humaneval-k: found '0', expected whole numbers of at least 1"),
        (("--humaneval-tasks=15-30",), "'15-30' goes beyond the last problem, 19; write 15-19"),
    ],
)
def test_what_cannot_be_had_is_refused_beforehand(score: Evaluate, args: Sequence[str], found: str) -> None:
    """A k above the number of samples, and problems that there are not."""
    finished = score(FIRST[5], *args)

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert found in finished.text

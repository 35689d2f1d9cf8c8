"""The items as a user of pytest meets them: what is collected, under which names, and what -k finds."""

from __future__ import annotations

import pytest

from tests.support.evaluating import MODES, PLAIN_AND_WORKERS, Evaluate, completion, write_samples

SOME = ("--humaneval-experiment=canonical", "--humaneval-max-problems=3")


def test_without_an_experiment_nothing_is_collected(evaluate: Evaluate) -> None:
    """The plugin is silent in a pytest run that has nothing to do with it."""
    finished = evaluate("--co", "-q")

    assert finished.status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "humaneval" not in finished.result.stdout.str()


def test_ids_name_experiment_task_and_entry_point(evaluate: Evaluate) -> None:
    """A test id tells a reader which experiment and which problem it is, in any folder."""
    finished = evaluate(*SOME, "--co", "-q")

    assert finished.result.outlines[:3] == [
        "humaneval::test_problem[canonical-HumanEval/0-has_close_elements]",
        "humaneval::test_problem[canonical-HumanEval/1-separate_paren_groups]",
        "humaneval::test_problem[canonical-HumanEval/2-truncate_number]",
    ]


def test_just_the_suite_is_collected_when_no_path_is_given(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The project's own tests do not run along unasked."""
    pytester.makepyfile(test_own="def test_own(): pass")

    evaluate(*SOME).result.assert_outcomes(passed=3)


def test_a_path_collects_just_what_it_names(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """With a path on the command line the suite keeps out of the way."""
    own = pytester.makepyfile(test_own="def test_own(): pass")

    evaluate(*SOME, own).result.assert_outcomes(passed=1)


def test_the_suite_can_be_named_beside_a_path(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """``humaneval`` among the paths asks for both."""
    own = pytester.makepyfile(test_own="def test_own(): pass")

    evaluate(*SOME, own, "humaneval").result.assert_outcomes(passed=4)


@pytest.fixture
def own_tests(pytester: pytest.Pytester) -> None:
    """A project with a failing test under its testpaths, and another one elsewhere."""
    pytester.makeini("[pytest]\ntestpaths = tests\n")
    (pytester.mkdir("tests") / "test_own.py").write_text("def test_own(): assert False\n")
    pytester.makepyfile(test_elsewhere="def test_elsewhere(): assert False\n")


def name_in(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, where: str, *more: str) -> None:
    """Name an experiment in the ini file's addopts, or in the environment's."""
    options = " ".join([*SOME, *more])
    if where == "ini":
        pytester.makeini(f"[pytest]\ntestpaths = tests\naddopts = {options}\n")
    else:
        monkeypatch.setenv("PYTEST_ADDOPTS", options)


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("mode", [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")])
@pytest.mark.parametrize("where", ["ini", "environment"])
def test_addopts_add_the_suite_to_the_projects_own_tests(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    evaluate: Evaluate,
    where: str,
    mode: tuple[str, ...],
) -> None:
    """Whoever types no more than ``pytest`` has the project's failing test run, and fail."""
    name_in(pytester, monkeypatch, where)

    finished = evaluate(*mode)

    finished.result.assert_outcomes(passed=3, failed=1)
    assert finished.status == pytest.ExitCode.TESTS_FAILED
    assert "the suite alone" not in finished.text


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("where", ["ini", "environment"])
def test_a_gate_in_addopts_does_not_hide_the_projects_own_failure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate, where: str
) -> None:
    """The gate holds, and the failing test of the project still fails the run."""
    name_in(pytester, monkeypatch, where, "--humaneval-fail-under=1")

    assert evaluate().status == pytest.ExitCode.TESTS_FAILED


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("paths_of_addopts", [(), ("tests",)], ids=["none", "tests"])
def test_an_experiment_on_the_command_line_runs_the_suite_alone(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    evaluate: Evaluate,
    paths_of_addopts: tuple[str, ...],
) -> None:
    """Typed without a path it means the suite, whatever addopts name, and the header says so."""
    name_in(pytester, monkeypatch, "ini", *paths_of_addopts)

    finished = evaluate(*SOME)

    finished.result.assert_outcomes(passed=3)
    finished.result.stdout.fnmatch_lines(["humaneval: canonical; *; the suite alone, without the project's*"])


@pytest.mark.usefixtures("own_tests")
def test_a_path_of_addopts_is_the_projects_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate
) -> None:
    """A path that stands beside the experiment in addopts is collected with the suite, not instead of it."""
    name_in(pytester, monkeypatch, "ini", "test_elsewhere.py")

    evaluate().result.assert_outcomes(passed=3, failed=1)


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize(
    ("paths", "passed"),
    [
        pytest.param(("tests",), 0, id="own"),
        pytest.param(("tests", "humaneval"), 3, id="both"),
    ],
)
def test_a_path_on_the_command_line_wins_over_addopts(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    evaluate: Evaluate,
    paths: tuple[str, ...],
    passed: int,
) -> None:
    """With a typed path just what it names is collected, and the suite if it is among the paths."""
    name_in(pytester, monkeypatch, "ini")

    evaluate(*paths).result.assert_outcomes(passed=passed, failed=1)


@pytest.mark.usefixtures("own_tests")
def test_an_option_s_value_is_no_path(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate
) -> None:
    """A typed value that is also a path of addopts does not make that path a typed one."""
    name_in(pytester, monkeypatch, "ini", "tests")

    evaluate("--deselect", "tests").result.assert_outcomes(passed=3, deselected=1)


FIRST = "humaneval::test_problem[canonical-HumanEval/0-has_close_elements]"


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("where", ["ini", "environment"])
@pytest.mark.parametrize(
    ("selection", "passed", "failed"),
    [
        pytest.param(("tests/test_own.py::test_own",), 0, 1, id="own-node-id"),
        pytest.param((FIRST,), 1, 0, id="problem-node-id"),
        pytest.param(("tests/test_own.py::test_own", FIRST), 1, 1, id="both"),
        pytest.param(("-k", "own"), 0, 1, id="k-own"),
        pytest.param(("-k", "has_close_elements"), 1, 0, id="k-problem"),
        pytest.param(("-k", "own or has_close_elements", "-n2"), 1, 1, id="k-both-n2"),
    ],
)
def test_a_selection_selects_among_both(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    evaluate: Evaluate,
    where: str,
    selection: tuple[str, ...],
    passed: int,
    failed: int,
) -> None:
    """Beside an experiment of addopts, node ids and -k find own tests and problems alike, each once."""
    name_in(pytester, monkeypatch, where)

    finished = evaluate(*selection)

    outcomes = finished.result.parseoutcomes()
    assert (outcomes.get("passed", 0), outcomes.get("failed", 0)) == (passed, failed)
    assert finished.status == (pytest.ExitCode.TESTS_FAILED if failed else pytest.ExitCode.OK)


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("where", ["ini", "environment"])
def test_a_listing_shows_both_once(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate, where: str
) -> None:
    """What --co lists is what a run would run: the project's tests, then the problems."""
    name_in(pytester, monkeypatch, where)

    listed = [line for line in evaluate("--co", "-q").result.outlines if "::" in line]

    assert [line.split("::")[0] for line in listed] == ["tests/test_own.py", *["humaneval"] * 3]


def test_the_whole_project_is_collected_without_testpaths(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate
) -> None:
    """Also called in a subfolder, whose tests are then the project's own."""
    pytester.makeini(f"[pytest]\naddopts = {' '.join(SOME)}\n")
    pytester.makepyfile(test_own="def test_own(): pass")
    folder = pytester.mkdir("inner")
    (folder / "test_inner.py").write_text("def test_inner(): pass\n")

    evaluate().result.assert_outcomes(passed=5)
    monkeypatch.chdir(folder)
    evaluate().result.assert_outcomes(passed=4)


@pytest.mark.usefixtures("own_tests")
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_suite_alone_is_alone_in_workers_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """Typed without a path, beside one of addopts: each problem once, and no test of the project."""
    name_in(pytester, monkeypatch, "ini", "tests")

    evaluate("--humaneval-experiment", "canonical", *mode).result.assert_outcomes(passed=3)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_problems_of_a_test_file_are_not_run_twice(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """Where a collected file imports the suite, addopts do not add it a second time; a node id still does."""
    pytester.makeini(f"[pytest]\naddopts = {' '.join(SOME)}\n")
    pytester.makepyfile(test_model="from pytest_humaneval.suite import test_problem")

    evaluate(*mode).result.assert_outcomes(passed=3)
    evaluate("humaneval", ".", *mode).result.assert_outcomes(passed=3)
    evaluate(FIRST, *mode).result.assert_outcomes(passed=1)


@pytest.mark.parametrize("own_test", ["pass", "assert False"])
@pytest.mark.parametrize("gate", [(), ("--humaneval-fail-under=1",)], ids=["no-gate", "gate"])
@pytest.mark.parametrize(
    "selection", [("test_own.py", "-p", "no:cacheprovider"), ("-k", "own"), ("test_own.py", "-n2")]
)
def test_the_projects_own_tests_alone_decide_their_status(
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    own_test: str,
    gate: tuple[str, ...],
    selection: tuple[str, ...],
) -> None:
    """Whoever selects own tests beside an experiment and a gate of addopts gets pytest's own exit status."""
    pytester.makeini(f"[pytest]\naddopts = {' '.join([*SOME, *gate])}\n")
    pytester.makepyfile(test_own=f"def test_own(): {own_test}")

    finished = evaluate(*selection)

    assert finished.status == (own_test != "pass")
    assert ("gate: not asked, since no problem was selected" in finished.text) == bool(gate)


@pytest.mark.parametrize("mode", MODES)
def test_a_node_id_selects_its_item(evaluate: Evaluate, mode: tuple[str, ...]) -> None:
    """What pytest prints can be pasted back."""
    nodeid = "humaneval::test_problem[canonical-HumanEval/1-separate_paren_groups]"

    assert list(evaluate(*SOME, nodeid, *mode).verdicts) == ["HumanEval/1"]


def test_items_can_live_in_a_file_of_the_project(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A test explorer finds the problems in a test file that imports the suite."""
    pytester.makepyfile(test_model="from pytest_humaneval.suite import test_problem")

    finished = evaluate(*SOME, "test_model.py", "-v")

    finished.result.assert_outcomes(passed=3)
    finished.result.stdout.fnmatch_lines(["test_model.py::test_problem[[]canonical-HumanEval/0-*PASSED*"])


def test_own_tests_may_use_the_results(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The fixtures are there for tests that judge a result in their own way."""
    pytester.makepyfile(
        """
        def test_is_short(humaneval_result, humaneval_key):
            assert humaneval_key[0] == "canonical"
            assert len(humaneval_result.samples[0].solution) < 10_000
        """
    )

    evaluate(*SOME, "test_own_tests_may_use_the_results.py").result.assert_outcomes(passed=3)


def test_k_finds_one_problem_by_its_entry_point(evaluate: Evaluate) -> None:
    """-k with an entry point's name debugs one problem, and nothing else is generated."""
    finished = evaluate("--humaneval-experiment=canonical", "-k", "parse_music")

    assert list(finished.verdicts) == ["HumanEval/17"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("1", ["HumanEval/1"]),
        ("2-3,0", ["HumanEval/0", "HumanEval/2", "HumanEval/3"]),
        ("HumanEval/17", ["HumanEval/17"]),
        ("parse_music", ["HumanEval/17"]),
    ],
)
def test_tasks_select_exactly(evaluate: Evaluate, spec: str, expected: list[str]) -> None:
    """--humaneval-tasks takes numbers, ranges, task ids and entry points."""
    finished = evaluate("--humaneval-experiment=canonical", f"--humaneval-tasks={spec}")

    assert list(finished.verdicts) == expected


def test_lf_reruns_what_failed(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A problem that failed is the one that --lf runs again."""
    right, wrong = "    return number % 1.0", "    return 1"
    write_samples(pytester.path / "samples.jsonl", [completion(0, wrong), completion(2, right)])
    scored = ("--humaneval-samples=samples.jsonl", "--tb=no")
    evaluate(*scored).result.assert_outcomes(passed=1, failed=1)

    assert evaluate(*scored, "--lf").verdicts == {"HumanEval/0": ["wrong_answer"]}


def test_x_stops_at_the_first_failure(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """-x ends the run, and the report tells that not all was reached."""
    write_samples(pytester.path / "samples.jsonl", [completion(i, "    return 1") for i in range(3)])

    run = evaluate("--humaneval-samples=samples.jsonl", "-x", "--tb=no").run

    assert (len(run["results"]), run["problems"], run["undecided"]) == (1, 3, 2)


def test_several_experiments_in_one_run(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Experiments are reported side by side, in the order asked for."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.b]\nprovider = "canonical"\n[experiments.a]\nprovider = "canonical"\n'
        '[experiments.off]\nprovider = "canonical"\nenabled = false\n'
    )

    report = evaluate("--humaneval-experiment=a,b", "--humaneval-tasks=1").report

    assert list(report["experiments"]) == ["a", "b"]


def test_all_leaves_out_what_is_not_enabled(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """``all`` is every enabled experiment."""
    off = '[experiments.off]\nprovider = "canonical"\nenabled = false\n'
    (pytester.path / "experiments.toml").write_text('[experiments.on]\nprovider = "canonical"\n' + off)

    report = evaluate("--humaneval-experiment=all", "--humaneval-tasks=1").report

    assert list(report["experiments"]) == ["on"]


def test_list_shows_the_experiments_and_runs_nothing(evaluate: Evaluate) -> None:
    """--humaneval-list prints what there is and exits with 0."""
    finished = evaluate("--humaneval-list")

    assert finished.status == 0
    finished.result.stdout.fnmatch_lines(
        ["name*enabled*api*strategy*post-processing*model", "fewshot_v1_chat *chat*fewshot_v1*auto*Qwen/*"]
    )
    finished.result.stdout.no_fnmatch_line("*test session starts*")


@pytest.mark.parametrize("mode", MODES)
def test_ids_and_verdicts_are_the_same_in_every_mode(
    evaluate: Evaluate, pytester: pytest.Pytester, mode: tuple[str, ...]
) -> None:
    """Plain, -n 0 and -n 2: the same samples file gives the same verdicts in the same order."""
    rows = [
        completion(2, "    return number % 1.0"),
        completion(2, "    return number"),
        completion(0, "    raise KeyError(1)"),
        completion(1, "    return ("),
    ]
    write_samples(pytester.path / "samples.jsonl", rows)

    finished = evaluate("--humaneval-samples=samples.jsonl", "--tb=no", *mode)

    assert finished.verdicts == {
        "HumanEval/0": ["exception"],
        "HumanEval/1": ["syntax_error"],
        "HumanEval/2": ["passed", "wrong_answer"],
    }
    assert finished.run["not_sampled"] == 161
    finished.result.assert_outcomes(passed=1, failed=2)


def test_a_strategy_may_bring_its_own_function(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A postprocess.py beside the prompt says what named steps cannot; its passes count as repaired."""
    folder = pytester.path / "strategies" / "chat" / "mine"
    folder.mkdir(parents=True)
    (folder / "prompt.toml").write_text('user = "{problem}"\n')
    (folder / "postprocess.py").write_text(
        "def postprocess(text, stub):\n    return text.replace('?', 'number % 1.0')\n"
    )
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9"\nmodel = "m"\n'
        '[experiments.e]\nserver = "s"\nstrategy = "mine"\n'
    )
    write_samples(pytester.path / "s.jsonl", [{"task_id": "HumanEval/2", "raw": "    return ?"}])

    run = evaluate("--humaneval-experiment=e", "--humaneval-samples=s.jsonl").run

    assert (run["pass@1"], run["pass@1_format_only"], run["repaired"]) == (1.0, 0.0, ["HumanEval/2"])

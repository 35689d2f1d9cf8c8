"""Whole runs of a study: its experiments are like any others, wherever their names go, and it has a table."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence

import jsonschema
import pytest

from pytest_humaneval.reports import json_report
from tests.support.easy_problems import easy_dataset
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, Finished, write_samples
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, Body, request_text

COLD = "study[plain,t=0]"
ALL = [COLD, "study[plain,t=0.5]", "study[worked,t=0]", "study[worked,t=0.5]"]
STUDY = """
[experiments.study]
server = "s"
api = "completion"
matrix = {strategy = ["plain", "worked"], temperature = [0.0, 0.5]}
"""


def answers(body: Body) -> list[str | None]:
    """Solve every problem after worked examples, and the first twelve of twenty without."""
    text = request_text(body)
    number = int(re.findall(r"easy_(\d+)", text)[-1])
    return ["    pass\n" if "Example" in text or number < 12 else "    return 1/0\n"] * body.get("n", 1)


@pytest.fixture
def study(pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate) -> Evaluate:
    """Run the study, or what the arguments choose of it, on the easy problems."""
    server = stub_server(Behaviour(answer=answers))
    (pytester.path / "easy.jsonl").write_text(easy_dataset())
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n{STUDY}'
    )
    for name, text in (("plain", "{problem}"), ("worked", "Example:\\n{problem}")):
        folder = pytester.path / "strategies" / "completion" / name
        folder.mkdir(parents=True)
        (folder / "prompt.toml").write_text(f'text = "{text}"')

    def run(*args: str, experiment: str = "study") -> Finished:
        chosen = () if not experiment else (f"--humaneval-experiment={experiment}",)
        return evaluate(*chosen, "--humaneval-dataset=easy.jsonl", "--tb=no", *args)

    return run


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_study_has_a_table_of_what_moved_the_score(study: Evaluate, mode: Sequence[str]) -> None:
    """Eight problems of twenty are gained by examples, none by the temperature; p is for two comparisons."""
    finished = study(*mode)

    report = finished.report
    jsonschema.validate(report, json.loads(json_report.SCHEMA.read_text(encoding="utf-8")))
    assert list(report["experiments"]) == ALL
    examples, temperature = report["studies"]["study"]["effects"]
    assert (examples["factor"], examples["level"], examples["against"]) == ("strategy", "worked", "plain")
    assert (examples["score_against"], examples["score"]) == (0.6, 1.0)
    assert (examples["p_value"], examples["adjusted_p_value"]) == (2 / 2**8, 4 / 2**8)
    assert (temperature["delta"], temperature["distinguishable"]) == (0.0, False)
    assert "study study: 4 experiments, 2 comparisons; p-values adjusted by Holm's method" in finished.text
    assert re.search(r"strategy +worked +100.0% +plain +60.0% +\+40.0 +0.0156", finished.text)
    assert "strategy worked raised the score against plain" in finished.text


def test_the_list_shows_every_experiment_of_a_study(study: Evaluate) -> None:
    """Under the names by which they are chosen."""
    finished = study("--humaneval-list", experiment="")

    assert [name for name in ALL if name in finished.text] == ALL


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_item_is_run_by_its_node_id(study: Evaluate, mode: Sequence[str]) -> None:
    """As it is printed, brackets within brackets."""
    item = f"humaneval::test_problem[{COLD}-Easy/3-easy_3]"

    finished = study(item, *mode, experiment=COLD)

    assert [result["task_id"] for result in finished.run["results"]] == ["Easy/3"]


def test_a_node_id_alone_is_answered_with_what_to_add(study: Evaluate) -> None:
    """The name in the hint is quoted, since a shell reads brackets as a pattern."""
    finished = study(f"humaneval::test_problem[{COLD}-Easy/3-easy_3]", experiment="")

    assert finished.status == 4
    assert f"add '--humaneval-experiment={COLD}'" in finished.text


@pytest.mark.parametrize("flag", [(), ("-n", "2")])
def test_what_failed_last_is_run_again(study: Evaluate, flag: Sequence[str]) -> None:
    """--lf knows the node ids, and -k a part of them."""
    study(*flag)

    again = study("--lf", "-k", "easy_19", *flag)

    assert list(again.report["experiments"]) == ALL[:2]
    assert all(len(run["results"]) == 1 for run in again.report["experiments"].values())


def test_names_come_from_the_ini_file_and_the_environment_too(
    study: Evaluate, pytester: pytest.Pytester
) -> None:
    """A comma in a name is not the one of a list."""
    pytester.makeini(f"[pytest]\naddopts = '--humaneval-experiment={COLD},{ALL[3]}'\n")

    finished = study("humaneval", experiment="")

    assert list(finished.report["experiments"]) == [COLD, ALL[3]]


def test_every_other_report_has_the_names(study: Evaluate, pytester: pytest.Pytester) -> None:
    """JUnit's items and properties, the HTML page with its table, GitHub's summary, the history."""
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(pytester.path / "summary.md")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        study("--junitxml=junit.xml", "--humaneval-html=page.html", "--humaneval-save-samples=s.jsonl")

    tree = ET.parse(pytester.path / "junit.xml")  # noqa: S314 (written by pytest)
    assert f"test_problem[{COLD}-Easy/3-easy_3]" in [case.get("name") for case in tree.iter("testcase")]
    assert f"humaneval.{COLD}.pass@1" in [each.get("name") for each in tree.iter("property")]
    page = (pytester.path / "page.html").read_text()
    assert f"<h3>{COLD}</h3>" in page
    assert "strategy worked raised the score against plain" in page
    summary = (pytester.path / "summary.md").read_text()
    assert r"| study\[plain,t=0\] | 60.0% |" in summary
    assert "strategy worked raised the score against plain" in summary


def test_a_report_is_enough_for_page_and_history(study: Evaluate, pytester: pytest.Pytester) -> None:
    """Without the experiments file, the console script shows the names, and what moved the score."""
    report = study("--humaneval-tasks=0-11").report_path
    (pytester.path / "reports").mkdir()
    report = report.rename(pytester.path / "reports" / "one.json")
    console = (sys.executable, "-m", "pytest_humaneval.session.console")

    history = pytester.run(*console, "history", "reports").outlines
    made = pytester.run(*console, "html", str(report), "-o", "page.html")

    assert [name for name in ALL if any(name in line for line in history)] == ALL
    assert made.ret == 0
    assert "no level is distinguishable from the first" in (pytester.path / "page.html").read_text()


def test_a_study_is_compared_with_its_baseline_by_name(study: Evaluate) -> None:
    """Each experiment of it with the one of its name."""
    study("--humaneval-save-baseline=main")

    finished = study("--humaneval-baseline=main")

    assert list(finished.report["comparison"]) == ALL
    assert finished.status == 0


def test_a_combination_without_its_strategy_says_what_to_do(
    study: Evaluate, pytester: pytest.Pytester
) -> None:
    """A strategy is of one API, so a matrix over both needs an exclusion."""
    path = pytester.path / "experiments.toml"
    text = path.read_text().replace('api = "completion"\n', "")
    path.write_text(text.replace("temperature = [0.0, 0.5]", 'api = ["completion", "chat"]'))

    finished = study()

    assert finished.status == 4
    assert "experiment \"study[plain,chat]\": no chat strategy is called 'plain'" in finished.text
    assert 'or leave this combination out with "exclude"' in finished.text


def test_a_study_of_post_processings_needs_no_model(evaluate: Evaluate, pytester: pytest.Pytester) -> None:
    """Recorded answers are put through each: an answer in a fence is lost without any."""
    (pytester.path / "easy.jsonl").write_text(easy_dataset())
    answers = [
        {"task_id": f"Easy/{number}", "raw": f"```python\ndef easy_{number}():\n    pass\n```"}
        for number in range(20)
    ]
    write_samples(pytester.path / "samples.jsonl", answers)
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://localhost:1/v1"\nmodel = "m"\n'
        '[experiments.forms]\nserver = "s"\nstrategy = "fewshot_v1"\n'
        'matrix = {postprocess = ["none", "auto"]}\n'
    )

    finished = evaluate(
        "--humaneval-experiment=forms",
        "--humaneval-dataset=easy.jsonl",
        "--humaneval-samples=samples.jsonl",
        "--tb=no",
    )

    (effect,) = finished.report["studies"]["forms"]["effects"]
    assert (effect["score_against"], effect["score"], effect["test"]) == (0.0, 1.0, "McNemar")
    assert effect["distinguishable"]

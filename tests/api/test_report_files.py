"""``read_report`` and ``compare``: JSON reports become runs again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.reports.cautions import cautions
from tests.support.evaluating import Evaluate, completion, write_samples
from tests.support.python_api import easy_run, write_report
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour


def test_a_report_comes_back_as_it_was_written(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Each run says of itself what the file says of it; several samples, repairs and failures among them."""
    texts = ["    return 1/0\n", "    return [1, 2]\n", "", "    return (\n", "    return [1, 2]\n"]
    rows = [completion(number, text) for number in (0, 7) for text in texts]
    write_samples(pytester.path / "samples.jsonl", rows)
    toml = '[experiments.{}]\nprovider = "canonical"\npostprocess = {}\npublished = 0.5\nk = [1, 2]\nn = 5\n'
    (pytester.path / "experiments.toml").write_text(
        toml.format("one", '"post_v7"') + toml.format("two", '["first_fence"]')
    )
    written = evaluate("--humaneval-experiment=all", "--humaneval-samples=samples.jsonl")

    with_texts = ph.read_report(written.report_path)

    assert list(with_texts) == ["one", "two"]
    for name, entry in written.report["experiments"].items():
        assert with_texts[name].to_dict() == entry
        assert with_texts[name].name == name


def test_a_run_without_a_verdict_and_a_subset_come_back(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """A score that does not exist stays null, and a subset stays one."""
    server = stub_server(Behaviour(refusal=(401, "wrong API key")))
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        '[experiments.refused]\nserver = "s"\nstrategy = "fewshot_v1"\n'
        '[experiments.subset]\nprovider = "canonical"\n'
    )
    written = evaluate("--humaneval-experiment=all", "--humaneval-tasks=0-2")

    read = ph.read_report(written.report_path)

    entries = written.report["experiments"]
    assert entries["refused"]["pass@1"] is None
    assert {name: run.to_dict() for name, run in read.items()} == entries
    assert [run.has_score for run in read.values()] == [False, True]
    assert all(run.is_subset for run in read.values())
    assert read["refused"].experiment.model == "m"


def test_recorded_samples_of_different_numbers_come_back(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The manifest has the fewest and the most; the experiment has one number, the most."""
    rows = [completion(number, "    pass\n") for number in (0, 1, 1, 1)]
    write_samples(pytester.path / "samples.jsonl", rows)
    written = evaluate("--humaneval-samples=samples.jsonl", "--tb=no")

    (run,) = ph.read_report(written.report_path).values()

    assert written.run["manifest"]["n"] == {"fewest": 1, "most": 3}
    assert run.to_dict() == written.run
    assert run.experiment.n == 3
    assert list(cautions(run)) == ["samples: 162 problems have no line in the samples file and were not run"]


def test_what_a_later_version_has_added_is_left_out(folder: Path) -> None:
    """A key that this version does not know, of the run, of a result or of a sample, is no error."""
    entry = easy_run(folder, {0}).to_dict()
    known = json.dumps(entry)
    entry["later"] = entry["seconds"]["later"] = entry["manifest"]["later"] = 1
    entry["results"][0]["later"] = entry["results"][0]["samples"][0]["later"] = {}

    (run,) = ph.read_report(write_report(folder / "report.json", entry)).values()

    read = run.to_dict()
    assert read["manifest"].pop("later") == 1
    assert read == json.loads(known)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "the report cannot be read"),
        ("{", "not a report; expected"),
        ("[]", "not a report; expected"),
        ('{"schema_version": 7, "experiments": {}}', "not a report of schema version 1"),
        ('{"schema_version": 1, "experiments": {"a": []}}', "experiment 'a': not as this plugin writes it"),
    ],
)
def test_what_is_no_report_is_one_line(folder: Path, content: str | None, message: str) -> None:
    """It names the file."""
    if content is not None:
        (folder / "report.json").write_text(content)

    with pytest.raises(ConfigError, match=rf"^report\.json[:,] ?{message}"):
        ph.read_report("report.json")


@pytest.mark.parametrize("key", ["problems", "pass@k", "manifest", "results"])
@pytest.mark.parametrize("value", [None, "x", 1.5, [1]])
def test_an_entry_with_a_wrong_value_is_one_line(folder: Path, key: str, value: Any) -> None:  # noqa: ANN401
    """It names the file and the experiment."""
    entry = {**easy_run(folder, {0}).to_dict(), key: value}

    with pytest.raises(ConfigError, match=r"^report\.json, experiment '0': not as this plugin writes it"):
        ph.read_report(write_report(Path("report.json"), entry))


def test_two_reports_are_compared_as_pytest_compares(
    pytester: pytest.Pytester, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is the baseline; the figures are those of a run with --humaneval-baseline."""
    rows = [completion(number, text) for number, text in enumerate(["    pass\n", "    return False\n", ""])]
    write_samples(pytester.path / "before.jsonl", rows)
    write_samples(pytester.path / "now.jsonl", [completion(number, "    return []\n") for number in range(8)])
    evaluate("--humaneval-samples=before.jsonl").report_path.rename(pytester.path / "before.json")
    finished = evaluate("--humaneval-samples=now.jsonl", "--humaneval-baseline=./before.json")
    monkeypatch.chdir(pytester.path)

    comparison = ph.compare("before.json", finished.report_path)["samples"]

    reported = finished.report["comparison"]["samples"]
    for key in ("baseline", "delta", "p_value", "detectable", "test", "unmatched", "source"):
        assert getattr(comparison, key) == reported[key], key
    assert (list(comparison.gained), list(comparison.lost)) == (reported["gained"], reported["lost"])
    assert comparison.decision.value == reported["decision"]


def test_experiments_of_the_same_name_are_compared(folder: Path) -> None:
    """Others are left out; where each report has only one, these two are, whatever they are called."""
    better, worse = easy_run(folder, {0, 1}).to_dict(), easy_run(folder, {0}).to_dict()
    one = write_report(folder / "one.json", first=worse, second=better)
    two = write_report(folder / "two.json", second=worse, third=better)
    three = write_report(folder / "three.json", other=better)

    assert {name: found.delta for name, found in ph.compare(one, two).items()} == {"second": -0.05}
    only = ph.compare(write_report(folder / "only.json", alone=worse), three)
    assert {name: (found.delta, found.source) for name, found in only.items()} == {
        "other": (0.05, "only.json, experiment alone")
    }
    with pytest.raises(
        ConfigError, match=r"^compare: no experiment is in both .*\(first, second\) and .*\(other\)$"
    ):
        ph.compare(one, three)

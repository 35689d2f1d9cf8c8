"""A run in Python: its figures, how it shows itself, its table, comparisons, and what closing it means."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import ConfigError, HumanEvalError
from tests.support.evaluating import write_samples
from tests.support.python_api import easy_run


def test_it_shows_itself_in_one_line(folder: Path) -> None:
    """Name, the dataset where it is not HumanEval, pass@1 with its interval, how many problems passed."""
    run = easy_run(folder, {0, 1})

    assert (
        repr(run) == "<Run samples on easy: pass@1 10.0% (95 % interval 2.8% - 30.1%), 2/20 problems passed>"
    )


def test_a_notebook_gets_a_table_in_which_no_name_is_markup(folder: Path) -> None:
    """The name of an experiment comes from a file, which anybody may have written."""
    run = easy_run(folder, {0, 1})
    named = replace(run, experiment=replace(run.experiment, name="<script>\x1b[2J&\nb"))

    html = named._repr_html_()

    assert "&lt;script&gt;\\x1b[2J&amp;" in html
    assert "<script>" not in html
    assert "<td>10.0%</td><td>2.8% - 30.1%</td><td>2/20</td><td>2 passed, 18 exception</td>" in html
    assert "\n" not in repr(named)


def test_a_table_has_a_row_for_each_sample(folder: Path) -> None:
    """With all that is known of it, also text that no encoding has."""
    texts = ["    pass\n", "    return '\ud800'\n", "    return 1/0\n"]
    rows = [{"task_id": f"Easy/{number}", "completion": text} for number in (0, 1) for text in texts]
    samples = write_samples(folder / "samples.jsonl", rows)

    with ph.evaluate("samples", samples=samples, dataset="easy.jsonl") as run:
        table = run.to_pandas()

    assert list(table.experiment) == ["samples"] * 6
    assert list(table.task_id) == ["Easy/0"] * 3 + ["Easy/1"] * 3
    assert list(table.sample_index) == [0, 1, 2] * 2
    assert list(table.outcome) == ["passed", "syntax_error", "exception"] * 2
    assert list(table.raw) == texts * 2
    assert table.seconds.sum() > 0
    assert table.steps[0] == []


def test_a_run_of_nothing_has_an_empty_table(folder: Path) -> None:
    """Its first columns are there all the same."""
    nothing = replace(easy_run(folder, set()), results=())

    table = nothing.to_pandas()

    assert (len(table), list(table.columns)[:2]) == (0, ["experiment", "task_id"])


def test_without_pandas_a_line_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the extra; nothing else of a run needs pandas."""
    run = easy_run(folder, set())
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(
        ConfigError, match=r"^to_pandas: needs pandas, .* pip install 'pytest-humaneval\[pandas\]'$"
    ):
        run.to_pandas()


def test_a_closed_run_keeps_its_figures(folder: Path) -> None:
    """What is counted stays; a text is an error in one line, and closing twice is none."""
    run = easy_run(folder, {0})

    run.close()
    run.close()

    assert (run.pass_at, run.outcomes) == ({1: 0.05}, {"passed": 1, "exception": 19})
    assert run.compare(run).delta == 0
    for read in (run.to_dict, run.to_pandas, lambda: run.results[0].samples[0]):
        with pytest.raises(
            HumanEvalError, match=r"^this was closed, and its texts are gone; read them before"
        ):
            read()


def test_runs_are_compared_problem_by_problem(folder: Path) -> None:
    """The other one is the baseline: gained and lost, the difference, and an exact paired test."""
    before, now = easy_run(folder, {0, 1, 2}), easy_run(folder, {1, 2, 3, 4, 5, 6})

    comparison = now.compare(before)

    assert comparison.gained == ("Easy/3", "Easy/4", "Easy/5", "Easy/6")
    assert comparison.lost == ("Easy/0",)
    assert (comparison.baseline, comparison.delta) == (0.15, 0.15)
    # Five flips, one of them the other way: 2 * (1 + 5) / 32.
    assert comparison.p_value == pytest.approx(0.375)
    assert comparison.decision.value == "holds"


def test_a_sample_without_a_verdict_is_not_compared(folder: Path) -> None:
    """In the baseline it is neither a pass nor a failure."""
    now = easy_run(folder, {0, 1})
    first, *others = now.results
    lost = replace(first, samples=(replace(first.samples[0], outcome=ph.Outcome.INFRA_ERROR),))

    comparison = now.compare(replace(now, results=(lost, *others)))

    assert (comparison.unmatched, comparison.delta) == (1, 0)


def test_runs_of_different_datasets_are_not_compared(folder: Path) -> None:
    """Problems of the same name may be others."""
    canonical = ph.evaluate("canonical", tasks="0")

    with pytest.raises(ConfigError, match=r"^compare: 'samples' was run on another dataset"):
        canonical.compare(easy_run(folder, set()))

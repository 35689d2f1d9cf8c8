"""What a dataset's name stands for, in a plan and in what plugins register."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Limits, Outcome
from pytest_humaneval.evaluation.builtin import built_in_registry
from pytest_humaneval.evaluation.datasets import find_dataset
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.evaluation.sandboxes import executed
from tests.support.dataset_rows import EVALPLUS, HUMANEVAL, write

ROOT = Path(__file__).parents[2]


def experiments(folder: Path, **datasets: str) -> Settings:
    """Return the settings of a run of experiments, each with its dataset."""
    folder.mkdir(exist_ok=True)
    tables = [
        f'[experiments.{name}]\nprovider = "canonical"\ndataset = "{dataset}"\n'
        for name, dataset in datasets.items()
    ]
    (folder / "experiments.toml").write_text("".join(tables))
    return Settings(folder, tuple(datasets), cache="off", datasets=folder)


def test_each_experiment_has_its_dataset(tmp_path: Path) -> None:
    """By a name, whose file is in the folder that is named, or by a path seen from the experiments file."""
    settings = experiments(tmp_path / "project", plus="humaneval+", own="own.jsonl")
    write(tmp_path / "project" / "HumanEvalPlus-v9.jsonl", EVALPLUS)
    write(tmp_path / "project" / "own.jsonl", HUMANEVAL)

    plan = make_plan(settings)

    assert {name: dataset.name for name, dataset in plan.datasets.items()} == {
        "plus": "HumanEvalPlus-v9",
        "own": "own",
    }
    assert plan.problems["plus"]["HumanEval/900"].has_base_tests
    assert not plan.problems["own"]["HumanEval/900"].has_base_tests


def test_a_wrong_name_is_one_line_that_says_who_named_it(tmp_path: Path) -> None:
    """The closest name is suggested, and how a file of that name is written."""
    settings = experiments(tmp_path, plus="humanval+")

    with pytest.raises(ConfigError) as caught:
        make_plan(settings)

    assert str(caught.value) == (
        "experiment \"plus\", dataset (for a file write ./humanval+): there is no dataset 'humanval+'; "
        "did you mean 'humaneval+'?"
    )


def test_the_names_are_known() -> None:
    """HumanEval first; those of plugins come after them."""
    assert list(built_in_registry().datasets) == [
        *("humaneval", "humaneval+", "mbpp", "mbpp-sanitized", "mbpp+", "humanevalfix", "infilling")
    ]


def test_the_reader_of_the_documents_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of any form become problems with a test of their own: right programs pass, others do not."""
    monkeypatch.chdir(tmp_path)
    document = (ROOT / "docs" / "howto" / "writing_a_plugin.md").read_text("utf-8")
    row, code = re.search(r"```json\n(.*?)```.*?```python\n(.*?)```", document, re.DOTALL).groups()  # type: ignore[union-attr]
    Path("sums.jsonl").write_text(row)
    plugin: dict[str, object] = {}
    exec(code, plugin)  # noqa: S102 -- of this project's documents
    registry = built_in_registry()
    plugin["pytest_humaneval_register"](registry)  # type: ignore[operator]

    (problem,) = find_dataset("sums", registry).problems
    programs = [problem.prompt + problem.canonical_solution, problem.prompt + "    return 0\n"]
    candidates = [assemble(problem, program) for program in programs]
    verdicts = executed(Settings(tmp_path, jobs=1), Limits(), candidates, registry.kinds.sandboxes)

    assert [verdict.outcome for verdict in verdicts] == [Outcome.PASSED, Outcome.WRONG_ANSWER]

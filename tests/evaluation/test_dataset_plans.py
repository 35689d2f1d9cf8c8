"""Plans of experiments on several datasets: their problems, published scores, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from tests.support.easy_problems import easy_dataset

PlanOf = Callable[..., Plan]

EXPERIMENTS = """
[experiments.plain]
provider = "canonical"
published = 0.5
[experiments.easy]
provider = "canonical"
dataset = "./easy.jsonl"
published = 0.25
[experiments.table]
provider = "canonical"
published = {easy = 0.75}
[experiments.memoriser]
provider = "embedded"
model = "memoriser"
strategy = "fewshot_v1"
"""


@pytest.fixture
def plan_of(tmp_path: Path) -> PlanOf:
    """Make the plan of these experiments, of which one has a dataset of 20 problems of its own."""
    (tmp_path / "easy.jsonl").write_text(easy_dataset())
    (tmp_path / "experiments.toml").write_text(EXPERIMENTS)

    def make(*names: str, tasks: str | None = None, dataset: bool = False) -> Plan:
        named = tmp_path / "easy.jsonl" if dataset else None
        return make_plan(Settings(tmp_path, experiments=names, tasks=tasks, dataset=named))

    return make


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (None, (164, 20)),
        ("19", (1, 1)),
        ("Easy/3,easy_4", (0, 2)),
        ("0-9,HumanEval/30", (11, 10)),
    ],
)
def test_each_experiment_has_the_tasks_of_its_own_dataset(
    plan_of: PlanOf, tasks: str | None, expected: tuple[int, int]
) -> None:
    """A task of one dataset alone leaves the other experiment without any."""
    plan = plan_of("plain", "easy", tasks=tasks)

    assert tuple(len(plan.task_ids(name)) for name in ("plain", "easy")) == expected


def test_labels_say_the_dataset_where_the_task_id_does_not(plan_of: PlanOf, tmp_path: Path) -> None:
    """Ids of items have it; the file's name is the dataset's."""
    (tmp_path / "easy.jsonl").rename(tmp_path / "other.jsonl")
    (tmp_path / "experiments.toml").write_text(EXPERIMENTS.replace("easy.jsonl", "other.jsonl"))
    plan = plan_of("plain", "easy")

    assert plan.label("plain", "HumanEval/2") == "HumanEval/2-truncate_number"
    assert plan.label("easy", "Easy/2") == "other:Easy/2-easy_2"


@pytest.mark.parametrize(
    ("name", "dataset", "expected"),
    [
        pytest.param("plain", False, 0.5, id="humaneval"),
        pytest.param("plain", True, None, id="another-dataset-by-the-flag"),
        pytest.param("easy", False, 0.25, id="its-own-dataset"),
        pytest.param("table", False, None, id="a-table-without-humaneval"),
        pytest.param("table", True, 0.75, id="a-table-with-the-dataset"),
    ],
)
def test_a_published_number_is_of_the_experiments_own_dataset(
    plan_of: PlanOf, name: str, dataset: bool, expected: float | None
) -> None:
    """A run on another dataset has another score beside it, or none."""
    plan = plan_of(name, dataset=dataset)

    assert plan.experiments[name].experiment.published_on(plan.datasets[name].name) == expected


def test_the_memoriser_is_not_asked_for_what_it_has_never_seen(plan_of: PlanOf) -> None:
    """One line says why, and what to do instead."""
    with pytest.raises(ConfigError) as caught:
        plan_of("memoriser", dataset=True)

    assert str(caught.value) == (
        'experiment "memoriser", model: the memoriser has learned answers of HumanEval alone, found the '
        "dataset easy; leave --humaneval-dataset out, or name an experiment with another model"
    )
    assert len(plan_of("memoriser").task_ids("memoriser")) == 164

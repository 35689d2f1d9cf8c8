"""A run of eight problems against a stub server: its flags, its model, and what is in the store after it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.store.open_store import open_store
from tests.support.stub_behaviour import Behaviour, canonical_answers

_EXPERIMENT = "fewshot_v1_chat"


def solving_model(*faults: str | None) -> Behaviour:
    """Return a model that solves every problem; its first requests meet these faults (None: no fault)."""
    return Behaviour(answer=canonical_answers(read_problems()), faults=list(faults))


def eight_problems(base_url: str) -> list[str]:
    """Return the flags of a run of the first eight problems, its requests sent to ``base_url``."""
    return [
        f"--humaneval-experiment={_EXPERIMENT}",
        f"--humaneval-base-url={base_url}",
        "--humaneval-tasks=0-7",
    ]


def stored_completions(folder: Path) -> int:
    """Return how many of the eight completions the store of a project in ``folder`` holds."""
    plan = make_plan(Settings(folder, experiments=(_EXPERIMENT,), max_problems=8))
    with closing(open_store(plan.settings.cache, folder)) as store:
        return len(store.get(plan.draws(_EXPERIMENT, plan.task_ids(_EXPERIMENT))))

"""Where completions come from: experiments that run the same model in this process share it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.cost import Bill, Purse
from pytest_humaneval.evaluation.completion_source import open_sources
from pytest_humaneval.evaluation.planning import make_plan

EXPERIMENTS = """
[experiments.base]
provider = "embedded"
model = "memoriser"
threads = 1
strategy = "fewshot_v1"

[experiments.none]
extends = "base"
postprocess = "none"

[experiments.threads]
extends = "base"
threads = 2
"""


def test_one_model_is_loaded_once_for_all_its_experiments(tmp_path: Path) -> None:
    """Rows of a study have one provider; another number of threads is another one."""
    (tmp_path / "experiments.toml").write_text(EXPERIMENTS)
    plan = make_plan(Settings(tmp_path, experiments=("all",), cache="off"))

    bills = {name: Bill(None, Purse()) for name in plan.experiments}

    with ExitStack() as stack:
        sources = open_sources(plan, bills, stack, lambda _warning: None)

    providers = {name: provider for name, (provider, _) in sources.items()}
    assert providers["base"] is providers["none"]
    assert providers["base"] is not providers["threads"]

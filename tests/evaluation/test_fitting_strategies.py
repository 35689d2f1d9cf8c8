"""What an experiment's strategy says for it: where answers stop, and which datasets it can ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.evaluation.builtin import built_in_registry
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan

GAP = Problem("Gap/0", "def f():\n    x = ", "f", "1\n", "", suffix="    return x\n")
EXPERIMENT = """
[servers.s]
base_url = "http://localhost:1/v1"
model = "m"

[experiments.x]
server = "s"
api = "completion"
strategy = "mine"
"""


def plan_of(folder: Path, more: str, prompt: str, dataset: str | None = None, experiment: str = "x") -> Plan:
    """Return the plan of an experiment with more lines, and a strategy with this prompt.toml."""
    (folder / "experiments.toml").write_text(EXPERIMENT + more)
    strategy = folder / "strategies" / "completion" / "mine" / "prompt.toml"
    strategy.parent.mkdir(parents=True, exist_ok=True)
    strategy.write_text(prompt)
    registry = built_in_registry()
    registry.dataset("gaps", lambda: Dataset(folder / "gaps.jsonl", "0" * 64, (GAP,), "gaps"))
    settings = Settings(
        folder, experiments=(experiment,), config=folder / "experiments.toml", dataset=dataset
    )
    return make_plan(settings, registry)


@pytest.mark.parametrize(
    ("own", "expected"), [("", ("\nassert",)), ('stop = ["#"]', ("#",)), ("stop = []", ())]
)
def test_a_strategy_s_stops_are_sent_where_the_experiment_has_none(
    tmp_path: Path, own: str, expected: tuple[str, ...]
) -> None:
    """An experiment's own win, also where it says that there shall be none."""
    plan = plan_of(tmp_path, own, r'text = "{problem}"' + "\n" + r'stop = ["\nassert"]')

    request = plan.experiments["x"].request(plan.problems["x"]["HumanEval/0"])

    assert request.sampling.stop == expected


def test_what_a_dataset_lacks_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """One line names experiment, strategy, dataset and placeholder, and what to take instead."""
    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, "", 'text = "{prefix}{suffix}"')

    assert str(caught.value) == (
        'experiment "x", strategy "mine", dataset "humaneval": its template asks for {suffix}, the text '
        'after a gap, which no problem has; take a dataset such as "infilling", or another strategy'
    )


def test_a_strategy_that_leaves_the_task_out_is_refused(tmp_path: Path) -> None:
    """Without what follows the gap a model would be scored on a task that it was not given."""
    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, "", 'text = "{problem}"', "gaps")

    assert str(caught.value) == (
        'experiment "x", strategy "mine", dataset "gaps": its template lacks {suffix}, the text after a gap, '
        "so the model would not be told its task; take a strategy that has it, such as "
        "completion/fim_qwen or chat/infilling"
    )


def test_a_gap_is_rendered_with_what_is_around_it(tmp_path: Path) -> None:
    """Prefix and suffix stand where the strategy puts them."""
    plan = plan_of(tmp_path, "", 'text = "<PRE>{prefix}<SUF>{suffix}<MID>"', "gaps")

    text = plan.experiments["x"].request(GAP).text

    assert text == "<PRE>def f():\n    x = <SUF>    return x\n<MID>"


SUFFIX = 'text = "{prefix}"\nsuffix = "{suffix}"'


def test_a_suffix_goes_to_the_server(tmp_path: Path) -> None:
    """Which writes the model's own tokens around the two."""
    plan = plan_of(tmp_path, "", SUFFIX, "gaps")

    request = plan.experiments["x"].request(GAP)

    assert (request.text, request.suffix) == (GAP.prompt, GAP.suffix)


def test_a_suffix_that_nobody_would_take_is_refused(tmp_path: Path) -> None:
    """A model in this process would be asked without it, and scored on what it was not told."""
    more = '[experiments.y]\nextends = "x"\nprovider = "embedded"\nmodel = "org/name"\n'

    with pytest.raises(ConfigError) as caught:
        plan_of(tmp_path, more, SUFFIX, "gaps", experiment="y")

    assert str(caught.value) == (
        'experiment "y", strategy "mine": provider = "embedded" takes no suffix; take a strategy with the '
        "model's own tokens in its text, such as fim_qwen"
    )

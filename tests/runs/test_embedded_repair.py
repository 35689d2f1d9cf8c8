"""Repair rounds of a real model: trained here to be wrong first, and right when shown its failure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Completion, Message
from pytest_humaneval.core.results_json import from_json
from pytest_humaneval.core.self_debugging import Failure
from pytest_humaneval.evaluation.planning import make_plan
from tests.support.debugged_problems import dataset
from tests.support.engines import needs_engine
from tests.support.evaluating import Evaluate

EXPERIMENT = """
[experiments.e]
provider = "embedded"
model = "./mine"
threads = 1
strategy = "plain"
max_tokens = 64

[experiments.e.repair]
rounds = 1
"""
VOCABULARY, EPOCHS = 512, 100
LEARNED_LOSS = 0.01
"""In nats; the answers are then given word for word."""

RIGHT_AT_ONCE, RIGHT_WHEN_SHOWN, NEVER_RIGHT = (0, 1), (3, 4, 5), (7,)
ARGS = (
    "--humaneval-experiment=e",
    "--humaneval-dataset=add.jsonl",
    "--humaneval-tasks=Add/0,Add/1,Add/3,Add/4,Add/5,Add/7",
    "--tb=no",
)


def program(number: int, value: str) -> str:
    """Return an answer to the problem of that number."""
    return f"```python\ndef add_{number}(x):\n    return {value}\n```"


def lessons_of(folder: Path) -> list[tuple[str, tuple[Message, ...], str]]:
    """Return the task ids, messages and answers to learn: of a first round, and of a second one."""
    plan = make_plan(Settings(folder, experiments=("e",), dataset=folder / "add.jsonl"))
    resolved, learned = plan.experiments["e"], []
    assert resolved.repair is not None
    for number in (*RIGHT_AT_ONCE, *RIGHT_WHEN_SHOWN, *NEVER_RIGHT):
        problem = plan.problems["e"][f"Add/{number}"]
        right, wrong = program(number, f"x + {number}"), program(number, "None")
        first = resolved.request(problem)
        learned.append((problem.task_id, first.messages, right if number in RIGHT_AT_ONCE else wrong))
        if number in RIGHT_AT_ONCE:
            continue
        failure = Failure("", f"add_{number}(1) should be {number + 1}, but it gave None")
        second = resolved.follow_up(first, Completion(wrong), problem.stub, failure, resolved.repair)
        learned.append((problem.task_id, second.messages, right if number in RIGHT_WHEN_SHOWN else wrong))
    return learned


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the problems, the experiment and its model, which has learned all lessons."""
    import torch

    from pytest_humaneval.providers.embedded.memoriser.lessons import Lesson
    from pytest_humaneval.providers.embedded.memoriser.tokenizer import texts, train_tokenizer
    from pytest_humaneval.providers.embedded.memoriser.train import encode, make_model, save, train

    folder = tmp_path_factory.mktemp("debugged")
    (folder / "add.jsonl").write_text(dataset())
    strategy = folder / "strategies" / "chat" / "plain"
    strategy.mkdir(parents=True)
    (strategy / "prompt.toml").write_text('user = "{problem}"\n')
    (strategy / "repair.toml").write_text('user = "{failure}"\n')
    # A name on the hub needs no folder yet.
    (folder / "experiments.toml").write_text(EXPERIMENT.replace("./mine", "org/mine"))
    learned = [Lesson(task_id, "chat", messages, answer) for task_id, messages, answer in lessons_of(folder)]
    torch.manual_seed(0)
    # More hardly help for so small a model, and others need them.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer = train_tokenizer(texts(learned), VOCABULARY)
    model = make_model(tokenizer)
    encoded = [encode(lesson, tokenizer) for lesson in learned]
    *_, (_, loss) = train(model, encoded, EPOCHS, seed=0)
    torch.set_num_threads(threads)
    assert loss < LEARNED_LOSS
    save(model, tokenizer, folder / "mine")
    (folder / "experiments.toml").write_text(EXPERIMENT)
    return folder


@needs_engine
def test_a_model_that_sees_its_failure_answers_right(
    project: Path, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Two of six pass at first, which stays pass@1; one round turns three more; another run asks nothing."""
    shutil.copytree(project, pytester.path, dirs_exist_ok=True)

    first = evaluate(*ARGS)
    runs = [first.run]
    # No engine can be loaded any more.
    (pytester.path / "conftest.py").write_text("import sys\nsys.modules['torch'] = None\n")
    runs.append(evaluate(*ARGS, "-n", "2").run)

    for run in runs:
        samples = [from_json(result).samples[0] for result in run["results"]]
        assert run["pass@1"] == pytest.approx(2 / 6), first.text
        assert [sample.final.outcome.value for sample in samples] == ["passed"] * 5 + ["wrong_answer"]
        assert [len(sample.rounds) for sample in samples] == [0, 0, 1, 1, 1, 1]

"""Whole runs of a model in this process: the scores that are known in advance, and bad input."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.records import Draw
from pytest_humaneval.evaluation.planning import make_plan
from tests.support.engines import needs_engine
from tests.support.evaluating import Evaluate, Finished

EXPERIMENTS = """
[experiments.chat]
provider = "embedded"
model = "memoriser"
threads = 1
strategy = "fewshot_v1"

[experiments.chat_none]
provider = "embedded"
model = "memoriser"
threads = 1
strategy = "fewshot_v1"
postprocess = "none"

[experiments.completion]
provider = "embedded"
model = "memoriser"
threads = 1
api = "completion"
strategy = "minimal"
max_tokens = 512
"""

EVERY_SECOND = [f"HumanEval/{number}" for number in range(0, 164, 2)]
EVERY_FOURTH = [f"HumanEval/{number}" for number in range(0, 164, 4)]


def passed(finished: Finished, name: str) -> list[str]:
    """Return the problems that passed in an experiment."""
    return [
        result["task_id"]
        for result in finished.report["experiments"][name]["results"]
        if result["samples"][0]["outcome"] == "passed"
    ]


@needs_engine
def test_the_quickstart_gives_what_the_readme_promises(evaluate: Evaluate) -> None:
    """The shipped experiment, on the shipped model: the 82 even ones of 164, none without a verdict."""
    finished = evaluate("--humaneval-experiment=quickstart", "--humaneval-fail-under=50%")

    assert finished.status == 0, finished.text
    assert passed(finished, "quickstart") == EVERY_SECOND
    assert finished.run["outcomes"] == {"passed": 82, "wrong_answer": 41, "no_code": 41}
    assert "82/164" in finished.text
    assert finished.run["manifest"]["versions"]["torch"]


@needs_engine
def test_the_other_pinned_scores(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Fences taken for code pass nowhere; bare completions pass for every fourth problem."""
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS)

    finished = evaluate("--humaneval-experiment=chat_none,completion")

    assert passed(finished, "chat_none") == []
    assert passed(finished, "completion") == EVERY_FOURTH
    assert finished.report["experiments"]["completion"]["outcomes"]["passed"] == 41


@needs_engine
def test_under_xdist_the_controller_alone_runs_the_model(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """Workers get the completions; the verdicts are those of a plain run."""
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS)

    finished = evaluate("--humaneval-experiment=chat", "--humaneval-tasks=0-7", "-n", "2")

    assert passed(finished, "chat") == EVERY_SECOND[:4]


@needs_engine
def test_a_second_run_needs_no_engine(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Completions come from the store, found by the model's content; the libraries are not imported."""
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS)
    args = ("--humaneval-experiment=chat", "--humaneval-tasks=0-3")
    first = evaluate(*args).verdicts
    (pytester.path / "conftest.py").write_text("import sys\nsys.modules['torch'] = None\n")

    assert first == evaluate(*args).verdicts


def test_a_retrained_folder_is_another_model(tmp_path: Path) -> None:
    """Weights that changed in place generate again: a folder's model is known by its content."""
    folder = tmp_path / "mine"
    shutil.copytree(MEMORISER_MODEL, folder)
    (tmp_path / "experiments.toml").write_text(EXPERIMENTS.replace('"memoriser"', '"mine"'))

    def draws() -> set[Draw]:
        plan = make_plan(Settings(tmp_path, experiments=("chat",), max_problems=1))
        return set(plan.draws("chat", plan.task_ids("chat")))

    before = draws()
    assert before == draws()
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    assert not before & draws()


def refused(finished: Finished, *parts: str) -> None:
    """Check that a run was refused: one line with these parts, before or at its start, and status 4."""
    errors = [line for line in finished.result.errlines if line.startswith("ERROR: ")]
    errors += [line for line in finished.result.outlines if "! humaneval: " in line]

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert len(errors) == 1, finished.text
    for part in parts:
        assert part in errors[0]
    assert "Traceback" not in finished.text


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        pytest.param('model = "./nowhere"', ('experiment "e"', "no model folder", "nowhere"), id="no-folder"),
        pytest.param('model = "empty"', ("empty has no config.json",), id="empty-folder"),
        pytest.param("", ("key 'model' is missing", "memoriser"), id="no-model"),
        pytest.param('model = ""', ("model", "''"), id="empty-model"),
        pytest.param('model = "memoriser"\nserver = "s"', ("server", "asks no server"), id="server"),
        pytest.param('model = "memoriser"\nbatch_size = 0', ("batch_size", "at least 1"), id="batch-size"),
        pytest.param('model = "memoriser"\nthreads = 1.5', ("threads", "1.5"), id="threads"),
        pytest.param('model = "memoriser"\ndtype = "int8"', ("dtype", "bfloat16"), id="dtype"),
        pytest.param('model = "memoriser"\nbatchsize = 1', ("'batchsize'", "'batch_size'"), id="typo"),
    ],
)
def test_a_mistake_in_the_experiment(
    pytester: pytest.Pytester, evaluate: Evaluate, keys: str, parts: tuple[str, ...]
) -> None:
    """Each mistake is one line that says where, what was found and what to write."""
    pytester.mkdir("empty")
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        f'[experiments.e]\nprovider = "embedded"\nstrategy = "fewshot_v1"\n{keys}\n'
    )

    refused(evaluate("--humaneval-experiment=e"), *parts)


def test_the_keys_of_an_embedded_model_are_refused_with_a_server(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """A model named in the wrong table is not silently ignored."""
    (pytester.path / "experiments.toml").write_text(
        '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
        '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\nmodel = "mine"\n'
    )

    refused(evaluate("--humaneval-experiment=e"), "model", "[servers.NAME]")


def test_an_engine_that_is_not_installed(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The base installation has no engine; the error says which extra to install."""
    (pytester.path / "conftest.py").write_text("import sys\nsys.modules['torch'] = None\n")

    refused(evaluate("--humaneval-experiment=quickstart"), 'pip install "pytest-humaneval[embedded]"')


@needs_engine
@pytest.mark.parametrize("mode", [(), ("-n", "2")])
def test_a_base_model_with_the_chat_api(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """What is known only when the model is loaded is reported in one line too, plain and under xdist."""
    shutil.copytree(MEMORISER_MODEL, pytester.path / "mine", ignore=shutil.ignore_patterns("*.jinja"))
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS.replace('"memoriser"', '"mine"'))

    refused(evaluate("--humaneval-experiment=chat", *mode), "no chat template", 'api = "completion"')


@needs_engine
def test_nothing_heavy_is_imported_where_no_model_runs_here(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """An experiment without an embedded model imports no engine."""
    (pytester.path / "conftest.py").write_text(
        "import sys\n\n\ndef pytest_unconfigure():\n"
        "    print('heavy:', sorted({'torch', 'transformers'} & set(sys.modules)))\n"
    )

    assert "heavy: []" in evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0").text

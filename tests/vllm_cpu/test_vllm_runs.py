"""Whole runs against a real vLLM that serves the shipped model, whose scores are known in advance."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.local import LocalService
from tests.support.engines import CONTEXT_TOKENS, needs_vllm
from tests.support.evaluating import MODES, Evaluate, Finished

pytestmark = needs_vllm

CHAT = 'server = "s"\nstrategy = "fewshot_v1"\n'
COMPLETION = 'server = "s"\nstrategy = "minimal"\napi = "completion"\nmax_tokens = 512\n'
EMBEDDED = """
provider = "embedded"
model = "memoriser"
threads = 1
dtype = "bfloat16"
strategy = "fewshot_v1"
"""

EVERY_SECOND = [f"HumanEval/{number}" for number in range(0, 164, 2)]
EVERY_FOURTH = [f"HumanEval/{number}" for number in range(0, 164, 4)]

Write = Callable[..., None]


@pytest.fixture
def experiments(pytester: pytest.Pytester, vllm_service: LocalService) -> Write:
    """Return a function that writes an experiments file: the keys of each experiment, by its name."""

    def write(*, server: Server = vllm_service.server, **tables: str) -> None:
        text = f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "{server.model}"\n'
        text += "".join(f"[experiments.{name}]\n{keys}\n" for name, keys in tables.items())
        (pytester.path / "experiments.toml").write_text(text)

    return write


def verdicts(finished: Finished, name: str) -> dict[str, list[str]]:
    """Return the outcomes of an experiment's samples by problem."""
    results = finished.report["experiments"][name]["results"]
    return {result["task_id"]: [sample["outcome"] for sample in result["samples"]] for result in results}


def passed(finished: Finished, name: str) -> list[str]:
    """Return the problems that passed in an experiment."""
    return [task_id for task_id, outcomes in verdicts(finished, name).items() if outcomes == ["passed"]]


def texts(finished: Finished) -> list[str]:
    """Return the raw texts of the only experiment, in order."""
    return [sample["raw"] for result in finished.run["results"] for sample in result["samples"]]


def test_scores_are_exact_and_those_of_the_embedded_engine(experiments: Write, evaluate: Evaluate) -> None:
    """Chat passes 82, without post-processing 0, completion 41; each verdict is the embedded engine's."""
    experiments(chat=CHAT, none=CHAT + 'postprocess = "none"\n', completion=COMPLETION, embedded=EMBEDDED)

    finished = evaluate("--humaneval-experiment=all")

    assert passed(finished, "chat") == EVERY_SECOND, finished.text
    assert passed(finished, "none") == []
    assert passed(finished, "completion") == EVERY_FOURTH
    assert verdicts(finished, "embedded") == verdicts(finished, "chat")


def test_xdist_changes_nothing(experiments: Write, evaluate: Evaluate) -> None:
    """With two workers the same 82 problems pass."""
    experiments(chat=CHAT)

    assert passed(evaluate("--humaneval-experiment=chat", "-n", "2"), "chat") == EVERY_SECOND


def test_n_samples_differ_and_a_seed_repeats_them(experiments: Write, evaluate: Evaluate) -> None:
    """The samples of a problem differ, and the same seed gives the same samples."""
    hot = CHAT + "n = 3\ntemperature = 2.0\nmax_tokens = 32\nseed = 7\n"
    experiments(hot=hot)
    flags = ("--humaneval-experiment=hot", "--humaneval-tasks=1,3", "--humaneval-cache=off")

    first, second = texts(evaluate(*flags)), texts(evaluate(*flags))

    assert len(set(first)) == 6
    assert first == second


def test_a_stop_sequence_ends_a_completion(experiments: Write, evaluate: Evaluate) -> None:
    """Neither the stop sequence nor anything after it is in the text."""
    experiments(whole=COMPLETION, stopped=COMPLETION + 'stop = ["return"]\n')
    task = "--humaneval-tasks=4"

    [whole] = texts(evaluate("--humaneval-experiment=whole", task))
    [stopped] = texts(evaluate("--humaneval-experiment=stopped", task))

    assert stopped == whole.partition("return")[0]
    assert stopped != whole


@pytest.mark.parametrize("mode", MODES)
def test_a_model_that_the_server_does_not_know(
    experiments: Write, evaluate: Evaluate, vllm_service: LocalService, mode: Sequence[str]
) -> None:
    """The run ends with the server's own message, in one line: no verdict, and no decision of the gate."""
    server = Server(vllm_service.server.base_url, "nobody/nothing")
    experiments(server=server, chat=CHAT)

    finished = evaluate(
        "--humaneval-experiment=chat", "--humaneval-tasks=0-3", "--humaneval-fail-under=1", *mode
    )

    assert finished.status == 6
    assert finished.text.count("The model `nobody/nothing` does not exist") == 1
    assert not finished.report_path.exists()


def test_a_prompt_longer_than_the_context(
    pytester: pytest.Pytester, experiments: Write, evaluate: Evaluate
) -> None:
    """The server's message reaches the user, and the sample is an infra_error, not a wrong answer."""
    endless = {
        "task_id": "HumanEval/0",
        "prompt": f'def one():\n    """{"Return one. " * CONTEXT_TOKENS}"""\n',
        "entry_point": "one",
        "canonical_solution": "    return 1\n",
        "test": "def check(candidate):\n    assert candidate() == 1\n",
    }
    dataset = pytester.path / "endless.jsonl"
    dataset.write_text(json.dumps(endless))
    experiments(chat=CHAT)

    finished = evaluate("--humaneval-experiment=chat", f"--humaneval-dataset={dataset}")

    assert finished.run["outcomes"] == {"infra_error": 1}
    assert f"maximum context length is {CONTEXT_TOKENS} tokens" in finished.text


def test_max_tokens_beyond_the_context(experiments: Write, evaluate: Evaluate) -> None:
    """The server's message reaches the user, and the sample is an infra_error, not a wrong answer."""
    experiments(chat=CHAT + f"max_tokens = {CONTEXT_TOKENS + 1}\n")

    finished = evaluate("--humaneval-experiment=chat", "--humaneval-tasks=0,2")

    assert finished.run["outcomes"] == {"infra_error": 2}
    assert f"max_tokens={CONTEXT_TOKENS + 1}" in finished.text

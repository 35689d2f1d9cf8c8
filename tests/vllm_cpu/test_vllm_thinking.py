"""A model that thinks, in a real vLLM: its thoughts, chat template and fill-in-the-middle tokens."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_humaneval.server.local import LocalService
from pytest_humaneval.server.service import port_of
from tests.support.chain_model import ANSWER, MIDDLE, THOUGHTS
from tests.support.engines import LOADING_LIMIT_S, needs_vllm
from tests.support.evaluating import Evaluate

pytestmark = needs_vllm

CHAT = 'strategy = "fewshot_v1"\nmax_tokens = 16\n'
FIM = 'api = "completion"\nstrategy = "fim_qwen"\nmax_tokens = 16\n'
ONE = {
    "task_id": "One/0",
    "prompt": 'def one():\n    """Return one."""\n',
    "entry_point": "one",
    "canonical_solution": "    return 1\n",
    "test": "def check(candidate):\n    assert candidate() == 1\n",
}
GAP = {
    "task_id": "Gap/0",
    "prompt": "def same(x):\n",
    "entry_point": "same",
    "canonical_solution": MIDDLE,
    "suffix": "    return y\n",
    "test": "def check(candidate):\n    assert candidate(2) == 2\n",
}
SERVER = 'server = "s"\n'
IMPOSSIBLE = "logit_bias = { 999999 = 1 }\n"
OFF = "chat_template_kwargs = { enable_thinking = false }\n"
RUN = ("--humaneval-experiment=all", "--humaneval-dataset=rows.jsonl")

Write = Callable[..., None]


@pytest.fixture
def experiments(pytester: pytest.Pytester, thinking_service: LocalService) -> Write:
    """Return a function that writes a dataset of one problem, and the keys of each experiment."""

    def write(row: dict[str, str] = ONE, **tables: str) -> None:
        server = thinking_service.server
        text = f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "{server.model}"\n'
        text += "".join(f"[experiments.{name}]\n{keys}\n" for name, keys in tables.items())
        (pytester.path / "experiments.toml").write_text(text)
        (pytester.path / "rows.jsonl").write_text(json.dumps(row) + "\n")

    return write


def test_thinking_is_kept_apart_and_switched_off(experiments: Write, evaluate: Evaluate) -> None:
    """The thoughts are no part of the answer; without them the prompt is two tokens longer."""
    experiments(
        on=SERVER + CHAT,
        off=SERVER + CHAT + OFF,
    )

    finished = evaluate(*RUN)

    on, off = (finished.report["experiments"][name] for name in ("on", "off"))
    [thinking], [plain] = on["results"][0]["samples"], off["results"][0]["samples"]
    assert (thinking["outcome"], thinking["raw"], thinking["reasoning"]) == ("passed", ANSWER, THOUGHTS)
    assert (plain["outcome"], plain["raw"], plain.get("reasoning")) == ("passed", ANSWER, None)
    # <think></think> is the template's, and not the model's.
    assert off["tokens"]["prompt"] == on["tokens"]["prompt"] + 2
    # <think>, the thoughts and </think> are not drawn.
    assert off["tokens"]["completion"] == on["tokens"]["completion"] - 3


def test_a_budget_used_up_by_thinking_is_said_so(experiments: Write, evaluate: Evaluate) -> None:
    """Two tokens are enough for the thoughts alone: the sample is truncated, in these words."""
    experiments(short='server = "s"\nstrategy = "fewshot_v1"\nmax_tokens = 2\n')

    finished = evaluate(*RUN)

    [sample] = finished.run["results"][0]["samples"]
    assert (sample["outcome"], sample["reasoning"]) == ("truncated", THOUGHTS)
    assert "all of max_tokens went into thinking" in finished.text


def test_several_samples_share_the_prompt_in_the_prefix_cache(
    experiments: Write, evaluate: Evaluate, thinking_service: LocalService
) -> None:
    """Each has its answer and its thoughts, and a prompt that was read before is not read again."""
    experiments(several=f'server = "s"\n{CHAT}n = 3\ntemperature = 0.2\n')
    evaluate(*RUN, "--humaneval-cache=off")
    before = cache_hits(thinking_service)

    finished = evaluate(*RUN, "--humaneval-cache=off")

    samples = finished.run["results"][0]["samples"]
    assert [(each["raw"], each["reasoning"]) for each in samples] == [(ANSWER, THOUGHTS)] * 3
    assert cache_hits(thinking_service) > before


def cache_hits(service: LocalService) -> float:
    """Return how many tokens of prompts the server has found in its prefix cache."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port_of(service.server)}/metrics") as answer:
        metrics = answer.read().decode()
    return sum(map(float, re.findall(r"^vllm:prefix_cache_hits_total\S* (\S+)$", metrics, re.MULTILINE)))


def test_fill_in_the_middle_tokens_are_tokens(experiments: Write, evaluate: Evaluate) -> None:
    """Three tokens and one for each byte are read, and what the model fills in passes."""
    experiments(GAP, gap=SERVER + FIM)

    finished = evaluate(*RUN)

    [sample] = finished.run["results"][0]["samples"]
    assert (sample["outcome"], sample["raw"]) == ("passed", MIDDLE), finished.text
    assert finished.run["tokens"]["prompt"] == 3 + len(GAP["prompt"]) + len(GAP["suffix"])


def test_an_impossible_bias_is_refused_in_vllm_s_words(experiments: Write, evaluate: Evaluate) -> None:
    """A token that the model does not have: one line has its number, and nothing is scored."""
    experiments(biased=SERVER + CHAT + IMPOSSIBLE)

    finished = evaluate(*RUN)

    [said] = [line for line in finished.text.splitlines() if "999999" in line]
    assert finished.status == 4
    assert "out-of-vocab" in said
    assert "logit_bias" in said
    assert not finished.report_path.exists()


def test_a_suffix_is_refused_in_vllm_s_words(experiments: Write, evaluate: Evaluate) -> None:
    """Its completion API takes none for such a model: one line says so, and nothing is scored."""
    experiments(GAP, gap='server = "s"\napi = "completion"\nstrategy = "fim_suffix"\n')

    finished = evaluate(*RUN)

    assert finished.status == 4
    [said] = [line for line in finished.text.splitlines() if "HTTP 400: suffix is only supported" in line]
    assert "the experiment's key strategy, whose prompt has a suffix" in said
    assert not finished.report_path.exists()


def test_in_process_it_is_the_same(experiments: Write, evaluate: Evaluate, chain_model: Path) -> None:
    """The chat template's variables, the tokens of a gap, and a refusal in vLLM's words, without a server."""
    here = f'provider = "vllm"\nmodel = "{chain_model}"\n'
    chat = here + 'strategy = "infilling"\nmax_tokens = 16\n'
    experiments(GAP, on=chat, off=chat + OFF, gap=here + FIM, refused=chat + IMPOSSIBLE)

    finished = evaluate(*RUN, limit_s=LOADING_LIMIT_S)

    runs = finished.report["experiments"]
    assert runs["off"]["tokens"]["prompt"] == runs["on"]["tokens"]["prompt"] + 2
    assert runs["off"]["tokens"]["completion"] == runs["on"]["tokens"]["completion"] - 3
    assert runs["gap"]["tokens"]["prompt"] == 3 + len(GAP["prompt"]) + len(GAP["suffix"])
    assert runs["gap"]["outcomes"] == {"passed": 1}
    assert runs["refused"]["outcomes"] == {"infra_error": 1}
    assert "refuses the request: token_id(s) [999999]" in finished.text

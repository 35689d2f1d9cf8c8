"""What a request carries beside its prompt, shown by a real vLLM: as a server, and in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.server.local import LocalService
from tests.support.engines import LOADING_LIMIT_S, needs_vllm
from tests.support.evaluating import Evaluate, Finished

pytestmark = needs_vllm

SHORT = 'strategy = "fewshot_v1"\nmax_tokens = 8\n'
COMPLETION = 'api = "completion"\nstrategy = "minimal"\nmax_tokens = 8\n'
LIKELIHOOD = 'temperature = 2.0\nn = 4\nselect = "likelihood"\n'
TASK = "--humaneval-tasks=4"
SERVER, IN_PROCESS = 'server = "s"\n', f'provider = "vllm"\nmodel = "{MEMORISER_MODEL}"\n'

Write = Callable[..., None]


@pytest.fixture
def experiments(pytester: pytest.Pytester, vllm_service: LocalService) -> Write:
    """Return a function that writes an experiments file: the keys of each experiment, by its name."""

    def write(**tables: str) -> None:
        server = vllm_service.server
        text = f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "{server.model}"\n'
        text += "".join(f"[experiments.{name}]\n{keys}\n" for name, keys in tables.items())
        (pytester.path / "experiments.toml").write_text(text)

    return write


def texts(finished: Finished, name: str) -> list[str]:
    """Return the raw texts of an experiment, in order."""
    results = finished.report["experiments"][name]["results"]
    return [sample["raw"] for result in results for sample in result["samples"]]


def test_a_bias_forces_a_token(experiments: Write, evaluate: Evaluate) -> None:
    """With 100 more, one token is always the likeliest."""
    experiments(plain=SERVER + SHORT, biased=SERVER + SHORT + "logit_bias = { 65 = 100 }\n")

    finished = evaluate("--humaneval-experiment=all", TASK)

    [plain], [biased] = texts(finished, "plain"), texts(finished, "biased")
    assert plain != biased
    assert len(set(biased)) == 1


def test_min_p_leaves_the_likeliest_token_alone(experiments: Write, evaluate: Evaluate) -> None:
    """At its extreme the hottest sampling is greedy, with several samples in one request."""
    hot = SERVER + SHORT + "temperature = 2.0\nn = 3\nmin_p = 1.0\n"
    experiments(greedy=SERVER + SHORT, hot=hot)

    finished = evaluate("--humaneval-experiment=all", TASK)

    assert texts(finished, "hot") == texts(finished, "greedy") * 3


@pytest.mark.parametrize("penalty", ["presence_penalty", "frequency_penalty"])
def test_a_penalty_arrives(experiments: Write, evaluate: Evaluate, penalty: str) -> None:
    """With the same seed a hot sampling draws other tokens where those that it has drawn pay for it."""
    hot = 'server = "s"\nstrategy = "fewshot_v1"\nmax_tokens = 200\ntemperature = 2.0\nseed = 1\n'
    experiments(plain=hot, penalised=f"{hot}{penalty} = 2.0\n")

    finished = evaluate("--humaneval-experiment=all", TASK)

    assert texts(finished, "plain") != texts(finished, "penalised")


@pytest.mark.parametrize("keys", [SHORT, COMPLETION], ids=["chat", "completion"])
def test_likelihood_has_what_it_chooses_by(experiments: Write, evaluate: Evaluate, keys: str) -> None:
    """Each of several samples has a mean log probability of its own, and the greatest is chosen."""
    experiments(hot=SERVER + keys + LIKELIHOOD)

    finished = evaluate("--humaneval-experiment=hot", TASK)

    check_likelihood(finished, "hot")


def check_likelihood(finished: Finished, name: str) -> None:
    """Compare each sample's mean log probability with the choice."""
    [result] = finished.report["experiments"][name]["results"]
    means = [sample["mean_logprob"] for sample in result["samples"]]
    assert all(mean < 0 for mean in means)
    assert result["selected"] == means.index(max(means))


def test_in_process_all_of_it_arrives(experiments: Write, evaluate: Evaluate) -> None:
    """Bias, min_p, penalties and log probabilities do the same without a server."""
    long = IN_PROCESS + 'strategy = "fewshot_v1"\nmax_tokens = 200\ntemperature = 2.0\nseed = 1\n'
    experiments(
        greedy=IN_PROCESS + SHORT,
        biased=IN_PROCESS + SHORT + "logit_bias = { 65 = 100 }\n",
        sure=IN_PROCESS + SHORT + "temperature = 2.0\nn = 3\nmin_p = 1.0\n",
        free=long,
        presence=long + "presence_penalty = 2.0\n",
        frequency=long + "frequency_penalty = 2.0\n",
        likely=IN_PROCESS + SHORT + LIKELIHOOD,
    )

    finished = evaluate("--humaneval-experiment=all", TASK, limit_s=LOADING_LIMIT_S)

    [biased] = texts(finished, "biased")
    assert len(set(biased)) == 1
    assert texts(finished, "sure") == texts(finished, "greedy") * 3 != [biased] * 3
    assert texts(finished, "free") != texts(finished, "presence")
    assert texts(finished, "free") != texts(finished, "frequency")
    check_likelihood(finished, "likely")

"""Whole runs with an adapter: what it changes, what may be scored, and what is refused."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.adapter import CONFIG, OLD_CARD
from pytest_humaneval.core.config.adapter_card import CARD, Method
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.providers.embedded.model_folder import content_sha256
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from pytest_humaneval.store.content_key import content_key
from tests.support.adapters import write_adapter, write_card
from tests.support.evaluating import MODES, PLAIN, Evaluate
from tests.support.trainings import needs_tuning

pytestmark = needs_tuning

HELD_OUT = [f"HumanEval/{number}" for number in range(4, 8)]

EXPERIMENTS = """
[experiments.tuned]
provider = "embedded"
model = "memoriser"
threads = 1
dtype = "float32"
api = "completion"
strategy = "minimal"
max_tokens = 64
adapter = "out"
"""


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A soft prompt whose card says that it was trained on HumanEval/0 to 3."""
    folder = write_adapter(tmp_path_factory.mktemp("split") / "out", "prompt")
    write_card(folder)
    return folder


@pytest.fixture
def folder(pytester: pytest.Pytester, split: Path) -> Path:
    """The test's folder: an experiment, and beside it the checkpoint, to be changed at will."""
    shutil.copytree(split, pytester.path / "out")
    (pytester.path / "experiments.toml").write_text(EXPERIMENTS)
    return pytester.path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("mode", MODES)
def test_only_what_was_held_out_is_scored(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """Terminal and JSON report say so, in every mode."""
    finished = evaluate("--humaneval-experiment=tuned", "--humaneval-max-problems=8", *mode)

    assert list(finished.verdicts) == HELD_OUT
    assert finished.run["problems"] == 4
    assert finished.run["trained_on"] == 4
    assert finished.run["held_out_only"] is True
    assert finished.run["manifest"]["adapter"]["card"]["trained_on"]
    assert "tuned #: held-out problems only; its adapter was trained on 4 others" in finished.text
    row = next(line for line in finished.result.outlines if line.startswith("tuned # "))
    assert "/4 " in row


@pytest.mark.usefixtures("folder")
def test_the_ablation_s_tables_are_marked_too(evaluate: Evaluate) -> None:
    """The matrix has the same mark, also where only held-out problems are selected."""
    finished = evaluate("--humaneval-experiment=tuned", "--humaneval-tasks=4-5", "--humaneval-ablate")

    lines = finished.result.outlines
    matrix = next(index for index, line in enumerate(lines) if line.startswith("ablation "))
    assert lines[matrix + 1].startswith("tuned # ")


def test_recorded_samples_are_scored_on_held_out_problems_only(folder: Path, evaluate: Evaluate) -> None:
    """Recorded answers to problems of the training are not scored either."""
    rows = [{"task_id": f"HumanEval/{number}", "raw": "    pass\n"} for number in range(8)]
    (folder / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    finished = evaluate("--humaneval-experiment=tuned", "--humaneval-samples=s.jsonl")

    assert list(finished.verdicts) == HELD_OUT


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("mode", [PLAIN, ("-n", "2")])
def test_what_was_trained_on_is_refused(evaluate: Evaluate, mode: Sequence[str]) -> None:
    """Where such a problem is selected by name: one line, exit status 4, nothing runs."""
    finished = evaluate("--humaneval-experiment=tuned", "--humaneval-tasks=2-5", *mode)

    (error,) = [line for line in finished.result.errlines if line.startswith("ERROR: ")]
    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert 'experiment "tuned"' in error
    assert "2 of the selected problems are not held out (first: HumanEval/2)" in error


def plan_of(folder: Path, **settings: Any) -> Plan:  # noqa: ANN401
    """Return the plan of a run of the folder's experiment."""
    return make_plan(Settings(folder, **{"experiments": ("tuned",), "max_problems": 5, **settings}))


def test_nothing_but_what_was_trained_on_is_refused(folder: Path) -> None:
    """Where no problem is left to score."""
    with pytest.raises(ConfigError, match="4 of the selected problems are not held out"):
        plan_of(folder, max_problems=4)


def begin(folder: Path) -> None:
    """Begin a run: make its plan, and ask the model for what it plans."""
    plan = plan_of(folder)
    resolved = plan.experiments["tuned"]
    assert resolved.embedded is not None
    stream = EmbeddedProvider(resolved.embedded, resolved.adapter).complete(
        plan.draws("tuned", plan.task_ids("tuned"))
    )

    async def first() -> None:
        async with aclosing(stream):
            await anext(stream)

    asyncio.run(first())


def changed(folder: Path, **values: object) -> None:
    """Change values of the checkpoint's card."""
    card = folder / "out" / CARD
    card.write_text(json.dumps({**json.loads(card.read_text()), **values}))


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        pytest.param({"model_sha256": "ab" * 32}, ("abab", "memoriser"), id="model"),
        pytest.param({"tokenizer_sha256": "ab" * 32}, ("tokenizer abab", "SHA-256"), id="tokenizer"),
        pytest.param({"weights_sha256": "ab" * 32}, ("abab", "its card says"), id="weights"),
        pytest.param({"config_sha256": "ab" * 32}, ("abab", "its card says"), id="configuration"),
        pytest.param({"method": "guess"}, ("method", "one of prompt"), id="value"),
        pytest.param({"curve": [{"step": 1}]}, ("curve", "a list of tables"), id="curve"),
        pytest.param({"held_out": [1]}, ("held_out", "list of task ids"), id="ids"),
    ],
)
def test_a_checkpoint_that_does_not_fit(
    folder: Path, values: dict[str, object], parts: Sequence[str]
) -> None:
    """Another model or tokenizer is refused with both values; a broken checkpoint by name."""
    begin(folder)
    changed(folder, **values)

    with pytest.raises(ConfigError) as error:
        begin(folder)

    assert all(part in str(error.value) for part in parts)
    assert "\n" not in str(error.value)


def test_a_model_that_was_changed_since(folder: Path) -> None:
    """The same folder with other weights is another model: both contents are named."""
    shutil.copytree(MEMORISER_MODEL, folder / "mine")
    config = json.loads((folder / "mine" / "config.json").read_text())
    (folder / "mine" / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 1e-5}))
    (folder / "experiments.toml").write_text(EXPERIMENTS.replace('"memoriser"', '"mine"'))

    card = json.loads((folder / "out" / CARD).read_text())
    with pytest.raises(ConfigError) as error:
        plan_of(folder)
    assert card["model_sha256"] in str(error.value)
    assert f"mine ({content_sha256(folder / 'mine')})" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('"out"', '"nowhere"', ("adapter", "nowhere", "training has written")),
        ('"out"', '"out/adapter_config.json"', ("adapter", "name the adapter's folder")),
        ('"out"', '"."', ("adapter", "there is no adapter_config.json", "tuning train")),
        ('"out"', "1", ("adapter", "found 1")),
        ('"out"', '"out"\nsoft_prompt = "out"', ("soft_prompt", "another name of adapter")),
        ('"embedded"\nmodel = "memoriser"', '"canonical"', ("adapter", "takes none")),
    ],
)
def test_a_mistake_in_the_experiment(folder: Path, old: str, new: str, parts: Sequence[str]) -> None:
    """The error names the experiment, and what to write."""
    text = EXPERIMENTS.replace(old, new)
    if "canonical" in new:
        text = text.replace("threads = 1\n", "").replace('dtype = "float32"\n', "")
    (folder / "experiments.toml").write_text(text)

    with pytest.raises(ConfigError) as error:
        plan_of(folder)

    assert all(part in str(error.value) for part in ('experiment "tuned"', *parts))


def test_completions_with_and_without_it_are_kept_apart(folder: Path) -> None:
    """The store knows an adapter by its content: another one, or none, is another completion."""

    def keys() -> set[bytes]:
        return {content_key(draw) for draw in plan_of(folder).draws("tuned", ["HumanEval/4"])}

    first = keys()
    assert first == keys()
    config = folder / "out" / CONFIG
    config.write_text(config.read_text() + " ")
    (folder / "out" / CARD).unlink()
    other = keys()
    (folder / "experiments.toml").write_text(EXPERIMENTS.replace('adapter = "out"\n', ""))

    assert len(first | other | keys()) == 3


def test_soft_prompt_is_another_name_of_the_key(folder: Path) -> None:
    """An experiment from before has the same requests, a study's factor too."""
    draws = plan_of(folder).draws("tuned", ["HumanEval/4"])
    (folder / "experiments.toml").write_text(EXPERIMENTS.replace("adapter", "soft_prompt"))
    assert plan_of(folder).draws("tuned", ["HumanEval/4"]) == draws

    study = EXPERIMENTS.replace('adapter = "out"', 'matrix = { soft_prompt = ["out"] }')
    (folder / "experiments.toml").write_text(study)
    (name,) = plan_of(folder).experiments
    assert plan_of(folder).draws(name, ["HumanEval/4"]) == draws


def test_an_old_checkpoint_names_the_command_that_converts_it(folder: Path) -> None:
    """The folder, and the card by which a checkpoint could be named."""
    (folder / "old").mkdir()
    (folder / "old" / OLD_CARD).write_text("{}")
    for name in ("old", f"old/{OLD_CARD}"):
        (folder / "experiments.toml").write_text(EXPERIMENTS.replace('"out"', f'"{name}"'))
        with pytest.raises(ConfigError, match=r"tuning convert .*old NEW_FOLDER"):
            plan_of(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"peft_type": "IA3"}, "peft_type: found 'IA3', expected one of PROMPT_TUNING"),
        ({"task_type": "SEQ_CLS"}, "task_type: found 'SEQ_CLS', expected 'CAUSAL_LM'"),
    ],
)
def test_an_adapter_of_another_kind(folder: Path, content: dict[str, str], message: str) -> None:
    """It is refused by what its configuration says."""
    config = folder / "out" / CONFIG
    config.write_text(json.dumps({**json.loads(config.read_text()), **content}))
    (folder / "out" / CARD).unlink()

    with pytest.raises(ConfigError, match=message):
        plan_of(folder)


def test_an_adapter_from_elsewhere(folder: Path, evaluate: Evaluate) -> None:
    """Without a card every problem is scored, and a caution says what is unknown."""
    (folder / "out" / CARD).unlink()

    finished = evaluate("--humaneval-experiment=tuned", "--humaneval-tasks=0")

    assert finished.run["problems"] == 1
    assert "tuned: what its adapter was trained on is unknown" in finished.text
    assert finished.run["manifest"]["adapter"]["card"] is None


SERVED = '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "served"\n[experiments.tuned]\n'


@pytest.mark.parametrize(
    ("method", "keys", "message"),
    [
        ("prefix", 'server = "s"', 'provider = "server" cannot use prefix tuning'),
        ("prefix", 'provider = "vllm"\nmodel = "memoriser"', 'provider = "vllm" cannot use prefix tuning'),
        ("lora", 'server = "s"\nmodel = "memoriser"', "a LoRA's model is the server's"),
        ("prompt", 'server = "s"\nreasoning_effort = "low"', "have no reasoning_effort"),
    ],
)
def test_what_a_provider_cannot_do_with_an_adapter(
    folder: Path, method: Method, keys: str, message: str
) -> None:
    """It is refused before anything runs."""
    write_adapter(folder / "other", method)
    rest = f'strategy = "fewshot_v1"\nadapter = "other"\n{keys}\n'
    (folder / "experiments.toml").write_text(SERVED + rest)

    with pytest.raises(ConfigError, match=re.escape(message)):
        plan_of(folder)


def test_a_server_gets_the_model_of_the_training_to_embed_with(folder: Path) -> None:
    """Unless ``model`` names another copy of it; requests to the server have the server's own model name."""
    server = '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "served"\n'
    rest = '[experiments.tuned]\nserver = "s"\napi = "completion"\nstrategy = "minimal"\nadapter = "out"\n'
    shutil.copytree(MEMORISER_MODEL, folder / "mine")

    for keys in ("", 'model = "mine"\n'):
        (folder / "experiments.toml").write_text(server + rest + keys)
        resolved = plan_of(folder).experiments["tuned"]
        assert resolved.embedded is not None
        assert Path(resolved.embedded.model) == (folder / "mine" if keys else MEMORISER_MODEL)
        assert resolved.model == "served"

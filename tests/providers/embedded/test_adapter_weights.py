"""Adapters in the embedded provider: the texts are those of PEFT's own generate()."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.adapter import CONFIG, WEIGHTS, read_adapter
from pytest_humaneval.core.config.adapter_card import Method
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Draw, Message, Request, Sampling
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from tests.support.adapters import base_model, write_adapter
from tests.support.trainings import needs_tuning

pytestmark = [
    needs_tuning,
    # PEFT warns of what it does itself.
    pytest.mark.filterwarnings("ignore"),
]

MEMORISER = Embedded(str(MEMORISER_MODEL), device="cpu", dtype="float32", threads=1)
TEXTS = ['def f(n: int):\n    """ Return n. """\n', "def g():\n" + "    # more\n" * 20, "def h(x):\n"]
MAX_TOKENS = 24
DRAWS = [
    Draw(str(i), 0, Request("m", "completion", (Message("user", text),), Sampling(max_tokens=MAX_TOKENS)))
    for i, text in enumerate(TEXTS)
]

Collect = Callable[[Provider, Sequence[Draw]], list[tuple[Draw, Any]]]


def by_peft(folder: Path) -> dict[str, str]:
    """Return the greedy texts of PEFT, without any of the project's code."""
    from peft import PeftModel
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
    model = PeftModel.from_pretrained(base_model(), str(folder)).eval()
    texts = {}
    for draw, text in zip(DRAWS, TEXTS, strict=True):
        inputs = tokenizer(text, return_tensors="pt")
        (tokens,) = model.generate(**inputs, max_new_tokens=MAX_TOKENS, do_sample=False, pad_token_id=0)
        prompt = inputs.input_ids[0]
        # With vectors in place of tokens, transformers gives the new tokens alone.
        new = tokens[len(prompt) :] if tokens[: len(prompt)].equal(prompt) else tokens
        texts[draw.task_id] = tokenizer.decode(new, skip_special_tokens=True)
    return texts


@pytest.mark.parametrize("method", ["prompt", "p-tuning", "prefix", "lora"])
def test_the_texts_are_those_of_peft(collect: Collect, tmp_path: Path, method: Method) -> None:
    """Greedy texts in float32 are equal, prompt for prompt, and others than without the adapter."""
    folder = write_adapter(tmp_path / "adapter", method, scale=0.1)

    given, without = (
        {draw.task_id: done.text for draw, done in collect(EmbeddedProvider(MEMORISER, adapter), DRAWS)}
        for adapter in (read_adapter(folder), None)
    )

    assert given == by_peft(folder)
    assert given != without


@pytest.mark.parametrize(
    ("method", "values", "message"),
    [
        (
            "prompt",
            {"num_virtual_tokens": 5},
            "found prompt_embeddings (8, 192), expected prompt_embeddings (5, 192)",
        ),
        ("prefix", {"num_layers": 2}, "keys and values for 2 layers, the model has 3"),
        ("lora", {"target_modules": ["nowhere"]}, "the adapter does not fit the model"),
    ],
)
def test_an_adapter_of_another_model_is_refused(
    collect: Collect, tmp_path: Path, method: Method, values: dict[str, Any], message: str
) -> None:
    """In one line that says what was found."""
    folder = write_adapter(tmp_path / "adapter", method)
    config = folder / CONFIG
    config.write_text(json.dumps({**json.loads(config.read_text()), **values}))

    with pytest.raises(HumanEvalError) as error:
        collect(EmbeddedProvider(MEMORISER, read_adapter(folder)), DRAWS[:1])

    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_lora_without_some_of_its_tensors_is_refused(collect: Collect, tmp_path: Path) -> None:
    """PEFT would fill them and only warn."""
    from safetensors.torch import load_file, save_file

    folder = write_adapter(tmp_path / "adapter", "lora")
    tensors = load_file(folder / WEIGHTS)
    del tensors[min(tensors)]
    save_file(tensors, folder / WEIGHTS)

    with pytest.raises(HumanEvalError, match="missing adapter keys"):
        collect(EmbeddedProvider(MEMORISER, read_adapter(folder)), DRAWS[:1])

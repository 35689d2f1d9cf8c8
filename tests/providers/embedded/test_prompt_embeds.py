"""An adapter's vectors before prompts, for a server as embeddings and in the embedded engine."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_humaneval.core.config.adapter import Adapter, read_adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Api, Completion, Draw, Message, Request, Sampling
from pytest_humaneval.providers.embedded.prompt_embeds import PromptEmbedder
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.adapters import write_adapter
from tests.support.stub_behaviour import Behaviour, Body
from tests.support.stub_server import StubServer
from tests.support.trainings import needs_tuning

if TYPE_CHECKING:
    import torch

pytestmark = needs_tuning

MEMORISER = Embedded(str(MEMORISER_MODEL), device="cpu", dtype="float32", threads=1)
SAMPLING = Sampling(max_tokens=24)

Collect = Callable[[Provider, Sequence[Draw]], list[tuple[Draw, Any]]]
StartStub = Callable[[Behaviour], StubServer]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Adapter:
    """Return a soft prompt."""
    return read_adapter(write_adapter(tmp_path_factory.mktemp("adapter"), "prompt"))


def draws(api: Api = "completion") -> list[Draw]:
    """Return some draws of prompts of unequal length."""
    texts = ['def f(n: int):\n    """ Return n. """\n', "def g():\n" + "    # more\n" * 20, "def h(x):\n"]
    return [
        Draw(str(i), 0, Request("m", api, (Message("user", text),), SAMPLING)) for i, text in enumerate(texts)
    ]


def sent(body: Body) -> torch.Tensor:
    """Return the embeddings in a request's body."""
    import torch

    tensor = torch.load(io.BytesIO(base64.b64decode(body["prompt_embeds"])), weights_only=True)
    assert isinstance(tensor, torch.Tensor)
    return tensor


class Engine:
    """A server's model: continues a request's embeddings by transformers' own greedy search."""

    def __init__(self) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(MEMORISER_MODEL)
        self._model = AutoModelForCausalLM.from_pretrained(MEMORISER_MODEL, dtype="float32")

    def answer(self, body: Body) -> list[str | None]:
        """Return the continuation of a request's embeddings."""
        tokens = self._model.generate(
            inputs_embeds=sent(body)[None], max_new_tokens=body["max_tokens"], do_sample=False
        )
        return [self._tokenizer.decode(tokens[0], skip_special_tokens=True)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Return the tiny model, loaded without any of the project's code."""
    return Engine()


@pytest.mark.parametrize("api", ["completion", "chat"])
def test_a_server_is_sent_vectors_and_embeddings(
    stub_server: StartStub, collect: Collect, adapter: Adapter, api: Api
) -> None:
    """They go to the completion API in place of the text, for a chat, too; max_tokens is sent as ever."""
    from safetensors.torch import load_file

    server = stub_server(Behaviour(answer=lambda _body: ["x"]))
    embedder = PromptEmbedder(MEMORISER, adapter)

    collected = collect(ServerProvider(server.base_url, embedder=embedder), draws(api))

    assert {draw for draw, _ in collected} == set(draws(api))
    vectors = load_file(adapter.weights)["prompt_embeddings"]
    for body in server.log:
        assert body["prompt"] is None
        assert "messages" not in body
        assert body["max_tokens"] == SAMPLING.max_tokens
        tensor = sent(body)
        assert tensor.shape[1] == 192
        assert tensor[: len(vectors)].equal(vectors)
    lengths = {len(sent(body)) for body in server.log}
    assert len(lengths) == len(draws(api))


@pytest.mark.parametrize("api", ["completion", "chat"])
def test_the_embedded_engine_and_a_server_give_the_same_text(
    stub_server: StartStub, collect: Collect, adapter: Adapter, engine: Engine, api: Api
) -> None:
    """The same model with the same vectors continues greedily alike, in this process and by embeddings."""
    server = stub_server(Behaviour(answer=engine.answer))
    embedder = PromptEmbedder(MEMORISER, adapter)
    providers: list[Provider] = [
        ServerProvider(server.base_url, embedder=embedder),
        EmbeddedProvider(MEMORISER, adapter),
    ]

    by_server, by_engine = ({draw: done.text for draw, done in collect(p, draws(api))} for p in providers)

    assert by_server == by_engine


def test_the_vectors_take_room_in_the_context(collect: Collect, adapter: Adapter) -> None:
    """A prompt that just fits without them fails with them; the reason gives the number of tokens."""
    from transformers import AutoTokenizer

    (draw, *_) = draws()
    tokens = len(AutoTokenizer.from_pretrained(MEMORISER_MODEL)(draw.request.text).input_ids)
    sampling = Sampling(max_tokens=2048 - tokens - adapter.virtual_tokens + 1)
    draw = replace(draw, request=replace(draw.request, sampling=sampling))

    ((_, result),) = collect(EmbeddedProvider(MEMORISER, adapter), [draw])

    assert not isinstance(result, Completion)
    assert f"the prompt's {tokens + adapter.virtual_tokens} tokens" in result.reason


def test_a_server_without_prompt_embeds_is_quoted(
    stub_server: StartStub, collect: Collect, adapter: Adapter
) -> None:
    """Its refusal is the reason why every draw failed; none has a completion."""
    refusal = (400, "You must set `--enable-prompt-embeds` to input `prompt_embeds`.")
    server = stub_server(Behaviour(refusal=refusal))

    collected = collect(ServerProvider(server.base_url, embedder=PromptEmbedder(MEMORISER, adapter)), draws())

    assert all("--enable-prompt-embeds" in result.reason for _, result in collected)

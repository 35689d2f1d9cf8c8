"""Which model a server is asked for in place of its own: the name that it has for a LoRA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Draw, Message, Request, Sampling
from pytest_humaneval.providers.openai_api.lora_name import ServedLora
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

Collect = Callable[[Provider, Sequence[Draw]], list[tuple[Draw, Any]]]
StartStub = Callable[[Behaviour], StubServer]

LORA = Adapter("adapters/mine", Path("/here/adapters/mine"), "lora", "ab" * 32, rank=12)
OWN = "mine-abababababab"
DRAWS = [Draw("HumanEval/0", 0, Request("base", "chat", (Message("user", "f"),), Sampling()))]


def provider(server: StubServer) -> ServerProvider:
    """Return a provider that asks for the LoRA."""
    made = ServerProvider(server.base_url)
    made.ask_for(ServedLora(LORA, "base"))
    return made


def listed(name: str, root: str = "/elsewhere", parent: str | None = "base") -> dict[str, str | None]:
    """Return an entry of a server's list of models."""
    return {"id": name, "root": root, "parent": parent}


@pytest.mark.parametrize(
    ("loras", "name"),
    [
        ([listed("other"), listed(OWN)], OWN),
        ([listed("any", root="/here/adapters/mine")], "any"),
        ([listed("any", root="adapters/mine")], "any"),
        ([listed("mine")], "mine"),
        ([listed("base"), listed("any")], "base"),
    ],
    ids=["by-hash", "by-folder", "by-name", "by-folder-name", "model-of-the-table"],
)
def test_its_name_is_sent_as_the_model(
    stub_server: StartStub, collect: Collect, loras: list[dict[str, str | None]], name: str
) -> None:
    """It is found among the models that name a parent; the draws come back as they were."""
    server = stub_server(Behaviour(loras=tuple(loras)))

    collected = collect(provider(server), DRAWS)

    assert [draw for draw, _ in collected] == DRAWS
    assert [body["model"] for body in server.log] == [name]


@pytest.mark.parametrize(
    "entry",
    [
        listed("other"),
        # No LoRA.
        listed("mine", parent=None),
        # What lay in the folder before it was trained again.
        listed("mine-cdcdcdcdcdcd", root="/here/adapters/mine"),
    ],
    ids=["another", "no-lora", "outdated"],
)
def test_a_server_without_it_ends_the_run(
    stub_server: StartStub, collect: Collect, entry: dict[str, str | None]
) -> None:
    """In one line, with what it lists and how to start it; nothing is requested."""
    server = stub_server(Behaviour(loras=(entry,)))

    with pytest.raises(ProviderError) as error:
        collect(provider(server), DRAWS)

    assert f"has no LoRA adapters/mine; it lists {Behaviour().model}, {entry['id']}; start it with" in str(
        error.value
    )
    assert f"--enable-lora --max-lora-rank 16 --lora-modules {OWN}=/here/adapters/mine" in str(error.value)
    assert not server.log

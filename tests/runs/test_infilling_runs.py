"""Whole runs that fill a gap by a server that takes a suffix: what it is sent, and what a reader sees."""

from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

from tests.support.dataset_rows import HUMANEVAL
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

MIDDLE, SUFFIX = "    y = x\n", "    return y + y\n"
EXPERIMENT = """
[experiments.gap]
server = "s"
api = "completion"
strategy = "fim_suffix"
"""


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_suffix_is_sent_stored_and_shown(
    stub_server: StartServer, evaluate: Evaluate, pytester: pytest.Pytester, mode: tuple[str, ...]
) -> None:
    """The middle that the server answers passes; the card has the suffix; a second run asks nothing."""
    server = stub_server(Behaviour(answer=lambda body: [MIDDLE] * body.get("n", 1)))
    row = {**HUMANEVAL, "canonical_solution": MIDDLE, "suffix": SUFFIX}
    (pytester.path / "gaps.jsonl").write_text(json.dumps(row) + "\n")
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n{EXPERIMENT}'
    )
    flags = (
        "--humaneval-experiment=gap",
        "--humaneval-dataset=gaps.jsonl",
        "--humaneval-html=page.html",
        *mode,
    )

    statuses = [evaluate(*flags).status for _ in range(2)]

    assert statuses == [0, 0]
    (body,) = server.log
    assert (body["prompt"], body["suffix"]) == (HUMANEVAL["prompt"], SUFFIX)
    assert _card((pytester.path / "page.html").read_text())["request"] == [
        ["user", HUMANEVAL["prompt"]],
        ["suffix", SUFFIX],
    ]


def _card(page: str) -> dict[str, object]:
    found = re.search(r'id="card-0-0">([A-Za-z0-9+/=]*)</script>', page)
    assert found
    content: dict[str, object] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return content

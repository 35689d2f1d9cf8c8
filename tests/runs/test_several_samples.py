"""Runs with several samples of each problem: their interval, and what is said of greedy decoding."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.easy_problems import easy_dataset
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_samples_that_all_pass_have_an_interval_and_greedy_ones_a_caution(
    pytester: pytest.Pytester, evaluate: Evaluate, stub_server: StartServer, mode: Sequence[str]
) -> None:
    """8 problems, n = 3, all passed, at the default temperature 0: Wilson's interval of 8 passes of 8."""
    server = stub_server(Behaviour(answer=lambda body: ["    pass\n"] * int(str(body.get("n", 1)))))
    (pytester.path / "easy.jsonl").write_text(easy_dataset(8))
    (pytester.path / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "stub"\n'
        '[experiments.e]\nserver = "s"\napi = "completion"\nstrategy = "minimal"\nn = 3\n'
    )

    finished = evaluate("--humaneval-dataset=easy.jsonl", "--humaneval-experiment=e", *mode)

    assert finished.status == 0, finished.text
    assert finished.run["ci95"] == pytest.approx([8 / (8 + 1.959964**2), 1.0], abs=1e-6)
    assert "e: at temperature 0 the 3 samples of a problem are the same answer" in finished.text

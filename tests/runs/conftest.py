"""What several files of whole runs use."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tests.support.easy_problems import easy_dataset, easy_samples
from tests.support.evaluating import Evaluate, Finished, write_samples


@pytest.fixture
def score_easy(pytester: pytest.Pytester, evaluate: Evaluate) -> Evaluate:
    """Score the easy problems: called with the set of those that pass, and further arguments of pytest."""
    (pytester.path / "easy.jsonl").write_text(easy_dataset())

    def run(passing: set[int], *args: str, plugins: Collection[str] = ()) -> Finished:
        write_samples(pytester.path / "samples.jsonl", easy_samples(passing))
        return evaluate(
            "--humaneval-dataset=easy.jsonl",
            "--humaneval-samples=samples.jsonl",
            "--tb=no",
            *args,
            plugins=plugins,
        )

    return run

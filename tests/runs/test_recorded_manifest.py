"""The manifest of recorded samples: what is known of them, and nothing that is not."""

from __future__ import annotations

import json
from collections.abc import Sequence

import jsonschema
import pytest

from pytest_humaneval.reports.json_report import SCHEMA
from tests.support.easy_problems import FIRST, easy_samples
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, write_samples


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("copies", "flags", "n"),
    [
        pytest.param(3, (), 3, id="three-each"),
        pytest.param(3, ("--humaneval-n=2",), 2, id="the-first-two-of-three"),
        pytest.param(None, (), {"fewest": 1, "most": 2}, id="as-many-as-there-are"),
    ],
)
def test_recorded_samples_have_their_own_n_and_no_sampling(
    score_easy: Evaluate,
    pytester: pytest.Pytester,
    copies: int | None,
    flags: Sequence[str],
    n: object,
    mode: Sequence[str],
) -> None:
    """The number of lines is known; temperature, max_tokens, API and requests are not, in any report."""
    rows = easy_samples(FIRST[20])
    write_samples(pytester.path / "more.jsonl", rows * copies if copies else [*rows, rows[0]])

    finished = score_easy(
        FIRST[20], "--humaneval-samples=more.jsonl", "--humaneval-html=report.html", *flags, *mode
    )

    manifest = finished.run["manifest"]
    assert manifest["n"] == n
    assert not {"sampling", "api", "requests_sha256", "base_url"} & manifest.keys()
    assert "temperature" not in (pytester.path / "report.html").read_text().partition("Manifest</h2>")[2]
    jsonschema.validate(finished.report, json.loads(SCHEMA.read_text()))


def test_recorded_samples_are_compared_with_generated_ones(
    score_easy: Evaluate, evaluate: Evaluate, pytester: pytest.Pytester
) -> None:
    """What is unknown of one of the two is no difference; another number of samples is one."""
    (pytester.path / "experiments.toml").write_text(
        '[experiments.e]\nprovider = "canonical"\nn = 2\ntemperature = 0.5\n'
    )
    evaluate("--humaneval-dataset=easy.jsonl", "--humaneval-experiment=e", "--humaneval-save-baseline=main")

    finished = score_easy(FIRST[20], "--humaneval-baseline=main")

    assert finished.report["comparison"]["samples"]["differs"] == [
        "model: 'canonical' then, 'samples' now",
        "n: 2 then, 1 now",
    ]

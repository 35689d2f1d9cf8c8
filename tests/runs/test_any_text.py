"""Any text of a model or a candidate: it is judged, reported and stored, and never breaks a run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate, completion, write_samples

GATE = "--humaneval-fail-under=90%"
LONE = "\ud800"

RIGHT = "    return number % 1.0\n"
"""To HumanEval/2."""


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        # The program holds an escape, so it is ASCII, and returns half a character.
        pytest.param(r"    return '\ud800'", "wrong_answer", id="escaped"),
        # The program holds the surrogate itself: no source encoding has it, so no compiler takes it.
        pytest.param(f"    return '{LONE}'", "syntax_error", id="itself"),
    ],
)
def test_a_lone_surrogate_is_judged_and_stored(
    pytester: pytest.Pytester, evaluate: Evaluate, text: str, outcome: str, mode: Sequence[str]
) -> None:
    """It gets a verdict, the gate fails, and every file has the same text again."""
    write_samples(pytester.path / "samples.jsonl", [completion(2, text)])

    finished = evaluate(
        "--humaneval-samples=samples.jsonl", "--humaneval-save-samples=saved.jsonl", GATE, *mode
    )

    assert finished.status == 1
    assert finished.verdicts == {"HumanEval/2": [outcome]}
    assert finished.run["results"][0]["samples"][0]["raw"] == text
    assert json.loads((pytester.path / "saved.jsonl").read_text("ascii"))["completion"] == text
    assert "INTERNALERROR" not in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_an_own_assertion_may_quote_a_lone_surrogate(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """A test of the project that takes a result and shows its text fails, and nothing else does."""
    write_samples(pytester.path / "samples.jsonl", [completion(2, f"# {LONE}\x1b[2J\n")])
    pytester.makepyfile(
        test_own="def test_own(humaneval_result, humaneval_key):\n"
        "    raise ValueError(humaneval_result.samples[0].raw)\n"
    )

    finished = evaluate("--humaneval-samples=samples.jsonl", "test_own.py", *mode)

    finished.result.assert_outcomes(failed=1)
    assert r"ValueError: # \ud800\x1b[2J" in finished.text


FORMS = ("raw", "completion", "solution")
EVERY_CHARACTER = st.characters(exclude_categories=())
ODD = st.sampled_from(
    [LONE, "\udfff", "\x00", "\x1b[2J", "\x85", "\u2028", "\ufffe", "\r", "]]>", "\u202e", "😀", "::error::"]
)
TEXTS = st.one_of(
    st.text(EVERY_CHARACTER, max_size=60),
    st.lists(ODD | st.text(EVERY_CHARACTER, max_size=8), max_size=12).map("".join),
)
TIMES = st.sampled_from([1, 1, 1, 50_000])
"""How often a text is repeated: by the test, since hypothesis would print a huge text when it fails."""


def _as_program(texts: Sequence[str]) -> str:
    """Return a wrong answer that writes the first text to both streams, and raises or returns the last."""
    printed, shown = texts[0].encode("utf-8", "surrogatepass"), texts[-1]
    return (
        f"    import os, sys\n    text = {shown!a}\n"
        f"    os.write(1, {printed!r})\n    os.write(2, {printed!r})\n"
        "    try:\n        print(text)\n    except UnicodeError:\n        pass\n"
        f"    if {len(texts) % 2}:\n        raise ValueError(text)\n    return text\n"
    )


PRINTING = st.lists(TEXTS, min_size=1, max_size=2).map(_as_program)
ROWS = st.one_of(
    st.builds(
        lambda form, text, times: {form: text, "times": times},
        st.sampled_from(FORMS),
        TEXTS,
        TIMES,
    ),
    PRINTING.map(lambda text: {"completion": text}),
    st.builds(lambda text, reason: {"raw": text, "finish_reason": reason}, TEXTS, TEXTS),
)


def _text(row: dict[str, Any]) -> tuple[str, str]:
    """Return the form of a drawn row's text, and the text."""
    form = next(form for form in FORMS if form in row)
    return form, row[form] * row.get("times", 1)


_ONE_RUN_A_BATCH = settings(
    # Each example is a pytest run of 25 samples; fuzzing longer is a matter of raising this.
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@_ONE_RUN_A_BATCH
@given(rows=st.lists(ROWS, min_size=24, max_size=24))
def test_whatever_a_model_writes_and_a_candidate_prints(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str], rows: list[dict[str, Any]]
) -> None:
    """Every text has a verdict, comes back as it was, and a gate of 100 % never lets a wrong one through."""
    numbered = [
        {**row, **dict([_text(row)]), "task_id": f"HumanEval/{number}"}
        for number, row in enumerate(rows, start=30)
    ]
    write_samples(pytester.path / "samples.jsonl", [completion(2, RIGHT), *numbered])

    finished = evaluate(
        "--humaneval-samples=samples.jsonl",
        "--humaneval-fail-under=100%",
        "--humaneval-save-samples=saved.jsonl.gz",
        "--humaneval-html=report.html",
        "--junitxml=junit.xml",
        "--json-report",
        "--json-report-file=pytest.json",
        *mode,
    )

    outcomes = finished.run["outcomes"]
    assert "INTERNALERROR" not in finished.text
    assert "infra_error" not in outcomes
    assert sum(outcomes.values()) == 25
    assert finished.status == (0 if outcomes == {"passed": 25} else 1)
    _check_files(pytester.path)
    reported = {result["task_id"]: result["samples"][0]["raw"] for result in finished.run["results"]}
    # Two halves of a pair that stand together are one character in JSON (RFC 8259, section 7).
    written = [json.loads(json.dumps(_text(row)[1])) for row in rows]
    assert [reported[row["task_id"]] for row in numbered] == written


def _check_files(folder: Path) -> None:
    """Check that each file of a run can be read as what it is."""
    ElementTree.parse(folder / "junit.xml")  # noqa: S314 (our own file)
    assert json.loads((folder / "pytest.json").read_text("utf-8"))["summary"]["total"] == 25
    assert (folder / "report.html").read_text("utf-8")
    saved = gzip.decompress((folder / "saved.jsonl.gz").read_bytes()).decode("ascii")
    assert len(saved.splitlines()) == 25

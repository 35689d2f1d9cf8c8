"""The examples of the documents run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pytest_humaneval as ph
from tests.support.evaluating import completion, write_samples

ROOT = Path(__file__).parents[2]
DOCUMENTS = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "docs/reference/api.md")}


def examples(document: str) -> list[str]:
    """Return the code blocks of a document."""
    return re.findall(r"^```python\n(.+?)^```$", DOCUMENTS[document], re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_examples_run(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One after the other, as a reader would type them."""
    monkeypatch.chdir(tmp_path)
    rows = [{"task_id": "HumanEval/3", "raw": text} for text in ("    return False\n", "I cannot.")]
    write_samples(tmp_path / "samples.jsonl", [*rows, {**completion(0, ""), "raw": ""}])
    names: dict[str, object] = {}

    for example in examples(document):
        exec(compile(example, document, "exec"), names)  # noqa: S102 (our own text)

    assert examples(document)
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", ph.__all__)
def test_every_public_name_has_an_example_and_its_signature(name: str) -> None:
    """The page of the API uses each name in an example that runs, and lists what its docstring says."""
    page = "docs/reference/api.md"

    assert any(re.search(rf"\bph\.{name}\b", example) for example in examples(page))
    assert re.search(rf"^\.\. auto\w+:: pytest_humaneval\.{name}\b(?!_)", DOCUMENTS[page], re.MULTILINE)


def test_many_programs_are_judged_in_five_lines() -> None:
    """The README's script is as short as that."""
    (script,) = [example for example in examples("README.md") if "judge_many" in example]

    assert len(script.splitlines()) <= 5

"""The documents name files, functions and pages that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pytest_humaneval"
DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [ROOT / "README.md", *ROOT.glob("CONTRIBUTING.md"), *ROOT.glob("docs/**/*.md")]
}
READERS_FILES = {
    *(".humaneval_baselines/0001_NAME.json", "0002_NAME.json", "0002_main.json"),
    *("A.json", "B.json", "CONFIG.toml", "adapter_config.json", "humaneval_card.json", "lora.toml"),
    *("postprocess.py", "prompt.toml", "repair.toml", "report.html", "report.json", "samples.jsonl"),
    *("soft_prompt.json", "soft_prompt.toml", "strategies/chat/mine/"),
    *("strategies/completion/plain/prompt.toml", "strategies/completion/role/prompt.toml"),
}
"""Files of a reader's own project, which the documents name and the repository does not have."""

# In code marks: a path of a file or a folder, and perhaps what the file defines, `core/x.py:Class.method`.
_NAMED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+(?:/|\.(?:css|js|json|jsonl|md|py|toml)))(?::([\w.]+))?`")
# A link to a page of this repository, without the place on the page.
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")

NAMED = sorted(
    (document, path, name)
    for document, text in DOCUMENTS.items()
    for path, name in set(_NAMED.findall(text))
    if path not in READERS_FILES
)
LINKS = sorted({(document, link) for document, text in DOCUMENTS.items() for link in _LINK.findall(text)})


def find(name: str) -> Path | None:
    """Return the file or folder of that path in the repository, the package or the benchmarks; or None."""
    places = (folder / name for folder in (ROOT, PACKAGE, ROOT / "benchmarks"))
    return next((place for place in places if place.exists() and place.is_dir() == name.endswith("/")), None)


def names_defined(path: Path) -> set[str]:
    """Return what a module defines: its functions, classes, methods (as ``Class.method``) and constants."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {
                f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize(("document", "path", "name"), NAMED)
def test_what_a_document_names_exists(document: str, path: str, name: str) -> None:
    """Every path of the repository or the package, and every function or class named with it."""
    place = find(path)

    assert place is not None, f"{document}: there is no {path}"
    assert not name or name in names_defined(place), f"{document}: {path} defines no {name}"


@pytest.mark.parametrize(("document", "link"), LINKS)
def test_a_link_leads_to_a_page(document: str, link: str) -> None:
    """Links within the repository, seen from the page that has them."""
    assert (ROOT / document).parent.joinpath(link).exists()


def test_the_documents_are_searched_for_names() -> None:
    """The patterns find what they are there for: a path, a path with a name, a folder, a link."""
    assert ("docs/explanation/design.md", "core/records.py", "") in NAMED
    assert ("docs/explanation/design.md", "evaluation/planning.py", "make_plan") in NAMED
    assert ("docs/explanation/design.md", "core/extraction/", "") in NAMED
    assert ("docs/explanation/design.md", "fidelity.md") in LINKS


def rows_of(document: str, heading: str) -> dict[str, list[str]]:
    """Return the rows of the table whose first row begins so: the cells by what the first one says."""
    lines = DOCUMENTS[document].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading}"))
    end = next(number for number in range(start, len(lines)) if not lines[number].startswith("|"))
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end])
    return {first: rest for first, *rest in cells}


def test_the_readme_has_the_figures_of_the_page_on_performance() -> None:
    """The whole evaluation beside others: one measurement, shown twice."""
    shown = rows_of("README.md", "| this package")
    measured = rows_of("docs/explanation/performance.md", "evaluated by")
    figures = {name.split(",")[0]: cells for name, cells in measured.items()}
    rows = [
        *("the same, answers after 0.5 s (2)", "ask a stub server (answers after 0.2 to 2 s) and judge (1)"),
        *("CPU time (1)", "peak memory of all processes (1)", "of 164 right answers scored (1)"),
    ]

    for column, row in enumerate(rows):
        assert [cell.split(" (")[0] for cell in shown[row]] == [figures[name][column] for name in shown[""]]

"""The house holds: who imports whom, read from the sources."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "pytest_humaneval"
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / PACKAGE).rglob("*.py"))
}
ADAPTER_ROOMS = [
    name for name in ("providers", "store", "sandbox", "reports", "server") if f"{PACKAGE}.{name}" in SOURCES
]
TOOLS = ("memoriser.train", "tuning")
"""Commands of their own, on top of everything else but the edge."""
PYTEST_EDGE = {"plugin", "options", "commands", "items", "suite", "reporting", "live", "serving", "xdist"}
ALWAYS_THERE = {"pytest", "_pytest", "xdist", "tomli"}


class Import(NamedTuple):
    """One import: of a module, when the importing one is loaded (``at_load``) or later or for types only."""

    module: str
    at_load: bool


def imports_of(name: str) -> set[Import]:
    """Return every import of a module's source, also those in functions and under TYPE_CHECKING."""
    tree = ast.parse(SOURCES[name].read_text(encoding="utf-8"))
    late = {inner for node in ast.walk(tree) if _is_late(node) for inner in ast.walk(node)}
    return {
        Import(module, node not in late) for node in ast.walk(tree) for module in _imported_by(node, name)
    }


def _is_late(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def _imported_by(node: ast.AST, importer: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = ".".join(filter(None, [_relative_base(node.level, importer), node.module]))
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in SOURCES else base


def _relative_base(level: int, importer: str) -> str | None:
    if not level:
        return None
    package = importer if SOURCES[importer].name == "__init__.py" else importer.rpartition(".")[0]
    return ".".join(package.split(".")[: len(package.split(".")) - level + 1])


IMPORTS = {name: imports_of(name) for name in SOURCES}
MODULES = [name for name in SOURCES if name != PACKAGE]


def own(name: str) -> set[str]:
    """Modules of the package that a module imports."""
    return {found.module for found in IMPORTS[name] if found.module.split(".")[0] == PACKAGE}


def foreign(name: str) -> set[str]:
    """Top-level packages beyond the package and the standard library that a module imports."""
    tops = {found.module.split(".")[0] for found in IMPORTS[name]}
    return {top for top in tops if top != PACKAGE and top not in sys.stdlib_module_names}


def room(name: str) -> str:
    """A module's room: the folder it is in; for one at the top its own name."""
    return name.split(".")[1] if "." in name else ""


def in_rooms(*rooms: str) -> list[str]:
    """The modules of these rooms."""
    return [name for name in MODULES if room(name) in rooms]


def test_the_sources_are_read_as_they_are() -> None:
    """Absolute, relative, late and type-only imports are all seen for what they are."""
    assert Import(f"{PACKAGE}.core.records", True) in IMPORTS[f"{PACKAGE}.core.run"]
    assert Import(f"{PACKAGE}.sandbox.runtime.wire", True) in IMPORTS[f"{PACKAGE}.sandbox.runtime.worker"]
    assert Import(f"{PACKAGE}.items", False) in IMPORTS[f"{PACKAGE}.plugin"]
    assert Import("openai", False) in IMPORTS[f"{PACKAGE}.providers.server"]


@pytest.mark.parametrize("name", in_rooms("core"))
def test_core_imports_only_core(name: str) -> None:
    """The pure part knows nothing of what surrounds it, and of no library but TOML's."""
    assert {room(imported) for imported in own(name)} <= {"core"}
    assert foreign(name) <= {"tomli"}


@pytest.mark.parametrize("name", in_rooms(*ADAPTER_ROOMS))
def test_an_adapter_room_imports_only_core_and_itself(name: str) -> None:
    """Rooms never know each other; a change in one is a change in one."""
    assert {room(imported) for imported in own(name)} <= {"core", room(name)}


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_imports_a_tool(tool: str) -> None:
    """What evaluates never needs what trains."""
    importers = [name for name in MODULES if not name.startswith(f"{PACKAGE}.{tool}")]

    assert [name for name in importers if any(of.startswith(f"{PACKAGE}.{tool}") for of in own(name))] == []


@pytest.mark.parametrize("name", [name for name in MODULES if ".sandbox.runtime" in name])
def test_what_runs_beside_the_candidate_is_standard_library_only(name: str) -> None:
    """The child's code stands alone: no other part of the package, no library."""
    assert all(imported.startswith(f"{PACKAGE}.sandbox.runtime") for imported in own(name))
    assert foreign(name) == set()


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) not in PYTEST_EDGE])
def test_only_the_edge_knows_pytest(name: str) -> None:
    """An evaluation can be used, and tested, without pytest."""
    assert not foreign(name) & {"pytest", "_pytest", "xdist", "pluggy", "pytest_jsonreport"}
    assert not {room(imported) for imported in own(name)} & PYTEST_EDGE


def at_load(name: str) -> set[str]:
    """Top-level packages that a module cannot be loaded without."""
    return {found.module.split(".")[0] for found in IMPORTS[name] if found.at_load}


ENGINE_ONLY = {name for name in MODULES if at_load(name) & {"torch", "transformers", "vllm"}}
"""What is nothing without the engine's libraries and is itself imported late."""


@pytest.mark.parametrize("name", MODULES)
def test_what_needs_an_engine_is_imported_late(name: str) -> None:
    """No way leads to such a module without a step that only its use takes."""
    loaded = {found.module for found in IMPORTS[name] if found.at_load}

    assert name in ENGINE_ONLY or not loaded & ENGINE_ONLY


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ENGINE_ONLY])
def test_a_package_that_may_be_missing_or_heavy_is_imported_late(name: str) -> None:
    """Only a run that uses such a package pays for it, or needs it at all."""
    assert at_load(name) & foreign(name) <= ALWAYS_THERE


def test_imports_never_go_in_a_circle() -> None:
    """Late and type-only imports count: what needs each other is one thing."""
    graph = {name: own(name) - {name} for name in SOURCES}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


@pytest.mark.parametrize("name", MODULES)
def test_a_file_is_short_enough_to_be_read_in_one_go(name: str) -> None:
    """At most 250 lines; beyond that a file has more than one idea."""
    lines = SOURCES[name].read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 250


IMPORTED_BY_THE_PLUGIN = """
import json, sys
import pytest
before = set(sys.modules)
import pytest_humaneval.plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_plugin_costs_next_to_nothing_where_no_experiment_is_named() -> None:
    """Beyond pytest, importing it loads its options and what they read into; nothing heavy, no evaluation."""
    light = ("", ".plugin", ".options", ".option_values", ".core", ".core.settings", ".core.url")
    expected = {f"{PACKAGE}{end}" for end in light}

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_BY_THE_PLUGIN], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(json.loads(done.stdout)) == expected

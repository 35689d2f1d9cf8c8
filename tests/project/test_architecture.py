"""Who may import whom, read from the sources; docs/explanation/design.md says why."""

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
MODULES = [name for name in SOURCES if name != PACKAGE]

ADAPTERS = ("providers.openai_api", "providers.embedded", "store", "sandbox", "reports", "server")
"""Rooms that each know one thing of the world outside, and nothing of each other."""
TOOLS = (
    "providers.embedded.memoriser.train",
    "tuning",
    "server.__main__",
    "commands.doctor",
    "commands.replay",
)
"""Commands of their own, on top of everything else; only who starts a command imports it."""
PYTEST_SIDE = ("plugin", "suite", "hookspecs", "session")
# tomllib is new in Python 3.11; where it is missing, tomli is installed.
STANDARD_LIBRARY = sys.stdlib_module_names | {"tomllib"}
ALWAYS_THERE = {"pytest", "_pytest", "xdist", "tomli"}
MOST_ENTRIES = 16
MOST_LINES = 250
MOST_LINES_OF_A_FUNCTION = 36


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


def own(name: str) -> set[str]:
    """Modules of the package that a module imports."""
    return {found.module for found in IMPORTS[name] if found.module.split(".")[0] == PACKAGE}


def foreign(name: str) -> set[str]:
    """Top-level packages beyond the package and the standard library that a module imports."""
    tops = {found.module.split(".")[0] for found in IMPORTS[name]}
    return {top for top in tops if top != PACKAGE and top not in STANDARD_LIBRARY}


def is_in(name: str, *rooms: str) -> bool:
    """Whether a module is, or is in, one of these rooms."""
    return any(f"{name}.".startswith(f"{PACKAGE}.{room}.") for room in rooms)


def modules_in(*rooms: str) -> list[str]:
    """The modules of these rooms."""
    found = [name for name in MODULES if is_in(name, *rooms)]
    assert found, f"no module in {rooms}"
    return found


def test_the_sources_are_read_as_they_are() -> None:
    """Absolute, relative, late and type-only imports are all seen for what they are."""
    runtime = f"{PACKAGE}.sandbox.runtime"

    assert Import(f"{PACKAGE}.core.records", True) in IMPORTS[f"{PACKAGE}.core.scoring.run"]
    assert Import(f"{runtime}.protocol.wire", True) in IMPORTS[f"{runtime}.trusted.worker"]
    assert Import(f"{PACKAGE}.session.collection", False) in IMPORTS[f"{PACKAGE}.plugin"]
    assert Import("aiohttp", False) in IMPORTS[f"{PACKAGE}.providers.openai_api.exchange.client"]


def test_the_root_can_be_read_in_one_go() -> None:
    """Rooms with names, and the files that users import."""
    entries = {path.name for path in (ROOT / PACKAGE).iterdir()} - {"__pycache__"}

    assert len(entries) <= MOST_ENTRIES, sorted(entries)


@pytest.mark.parametrize("name", modules_in("core"))
def test_core_imports_only_core(name: str) -> None:
    """The pure part knows nothing of what surrounds it, and of no library but TOML's and platformdirs."""
    assert all(is_in(imported, "core") for imported in own(name))
    assert foreign(name) <= {"tomli", "platformdirs"}


@pytest.mark.parametrize("room", ADAPTERS)
def test_an_adapter_imports_only_core_and_itself(room: str) -> None:
    """Adapters never know each other; a change in one is a change in one."""
    imported = {(name, other) for name in modules_in(room) for other in own(name)}

    assert {pair for pair in imported if not is_in(pair[1], "core", room)} == set()


@pytest.mark.parametrize("name", modules_in("providers"))
def test_a_provider_imports_only_core_and_providers(name: str) -> None:
    """Also those that are a file of their own."""
    assert all(is_in(imported, "core", "providers") for imported in own(name))


FLOORS = (("evaluation",), ("api",), ("commands", "tuning"), PYTEST_SIDE)
"""What is built on the adapters, from below."""


@pytest.mark.parametrize("name", modules_in("evaluation", "api", "commands"))
def test_what_evaluates_imports_nothing_above_it(name: str) -> None:
    """The engine knows the adapters that it wires together, the API knows it, and none of them pytest."""
    floor = next(place for place, rooms in enumerate(FLOORS) if is_in(name, *rooms))
    above = [room for rooms in FLOORS[floor + 1 :] for room in rooms]

    assert [imported for imported in own(name) if is_in(imported, *above)] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_but_its_start_imports_a_tool(tool: str) -> None:
    """What evaluates never needs what trains, serves or examines."""
    starts = {"commands": f"{PACKAGE}.session.commands"}.get(tool.split(".")[0])
    importers = [name for name in MODULES if not is_in(name, tool) and name != starts]

    assert [name for name in importers if any(is_in(imported, tool) for imported in own(name))] == []


RUNTIME = "sandbox.runtime"


@pytest.mark.parametrize("name", modules_in(RUNTIME))
def test_what_runs_beside_the_candidate_is_standard_library_only(name: str) -> None:
    """The sandbox's own processes stand alone: no other part of the package, no library."""
    assert all(is_in(imported, RUNTIME) for imported in own(name))
    assert foreign(name) == set()


@pytest.mark.parametrize(
    ("room", "below"),
    [
        ("protocol", ()),
        ("untrusted", ("protocol",)),
        ("isolation", ()),
        ("processes", ("protocol", "untrusted", "isolation")),
        ("trusted", ("protocol", "isolation", "processes")),
    ],
)
def test_trust_is_a_folder(room: str, below: tuple[str, ...]) -> None:
    """What shares a process with the candidate knows the protocol alone, and what judges never imports it."""
    allowed = [f"{RUNTIME}.{each}" for each in (room, *below)]
    imported = {(name, other) for name in modules_in(f"{RUNTIME}.{room}") for other in own(name)}

    assert {pair for pair in imported if not is_in(pair[1], *allowed)} == set()


@pytest.mark.parametrize("name", [name for name in MODULES if not is_in(name, *PYTEST_SIDE)])
def test_only_the_pytest_side_knows_pytest(name: str) -> None:
    """An evaluation can be used, and tested, without pytest."""
    assert not foreign(name) & {"pytest", "_pytest", "xdist", "pluggy", "pytest_jsonreport"}
    assert [imported for imported in own(name) if is_in(imported, *PYTEST_SIDE)] == []


def at_load(name: str) -> set[str]:
    """Top-level packages that a module cannot be loaded without."""
    return {found.module.split(".")[0] for found in IMPORTS[name] if found.at_load}


ENGINE_ONLY = {name for name in MODULES if at_load(name) & {"torch", "transformers", "vllm", "peft"}}
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
def test_a_file_and_its_functions_are_short_enough_to_be_read_in_one_go(name: str) -> None:
    """Beyond these bounds there is more than one idea."""
    text = SOURCES[name].read_text(encoding="utf-8")
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = {node.name: end - node.lineno + 1 for node in functions if (end := node.end_lineno or 0)}

    assert len(text.splitlines()) <= MOST_LINES
    assert {each: lines for each, lines in long.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


IMPORTED_BY_THE_PLUGIN = """
import json, sys
import pytest
# Until Python 3.12 pathlib brings it.
import urllib.parse
before = set(sys.modules)
import pytest_humaneval.plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_plugin_costs_next_to_nothing_where_no_experiment_is_named() -> None:
    """Beyond pytest, importing it loads its options and what they read into; nothing heavy, no evaluation."""
    parts = ("arguments", "options", "option_table", "option_types")
    session = (".session", *(f".session.{part}" for part in parts))
    light = (
        "",
        ".plugin",
        ".hookspecs",
        *session,
        ".core",
        ".core.config",
        ".core.config.settings",
        ".core.config.url",
        ".core.config.ways",
    )

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_BY_THE_PLUGIN], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(json.loads(done.stdout)) == {f"{PACKAGE}{end}" for end in light}

"""Python source parsed in several threads at once."""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.providers.embedded.loading_lock import loading_turn

SOURCE = "total = [1, (2, {3: f(4)})]\n" * 100


@pytest.fixture
def unsteady_threads() -> Iterator[None]:
    """Threads that give way at every chance: amid a parse too, where the garbage collector calls Python."""
    interval_s, thresholds = sys.getswitchinterval(), gc.get_threshold()

    def collected(*_: object) -> None:
        sum(range(10))

    gc.callbacks.append(collected)
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval_s)
    gc.callbacks.remove(collected)


def import_library(source: str) -> ast.Module:
    """Parse as a library does that knows nothing of this project's turns."""
    with loading_turn():
        return ast.parse(source)


@pytest.mark.usefixtures("unsteady_threads")
@pytest.mark.parametrize(
    "parses", [[syntax_tree], [import_library], [syntax_tree, import_library]], ids=["ours", "theirs", "both"]
)
def test_a_parse_beside_another_gives_its_tree(parses: list[Callable[[str], ast.Module]]) -> None:
    """Be they our own, or those of libraries that loading a model needs."""
    expected = ast.dump(ast.parse(SOURCE))
    with ThreadPoolExecutor(4) as threads:
        parsed = [threads.submit(parse, SOURCE) for parse in parses * (32 // len(parses))]

    assert {ast.dump(tree.result()) for tree in parsed} == {expected}

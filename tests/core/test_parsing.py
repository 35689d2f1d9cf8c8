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
    """Make threads switch as often as possible, also within a parse: the garbage collector calls Python."""
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
    """Parse as a library does that does not know this project's lock."""
    with loading_turn():
        return ast.parse(source)


@pytest.mark.usefixtures("unsteady_threads")
@pytest.mark.parametrize(
    "parses", [[syntax_tree], [import_library], [syntax_tree, import_library]], ids=["ours", "theirs", "both"]
)
def test_parallel_parses_give_the_right_trees(parses: list[Callable[[str], ast.Module]]) -> None:
    """Both for this project's own parses and for those of libraries while a model is loaded."""
    expected = ast.dump(ast.parse(SOURCE))
    with ThreadPoolExecutor(4) as threads:
        parsed = [threads.submit(parse, SOURCE) for parse in parses * (32 // len(parses))]

    assert {ast.dump(tree.result()) for tree in parsed} == {expected}

"""The files that users have, read row by row; they are not part of the project."""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
from functools import lru_cache

import pytest

from pytest_humaneval.core.datasets import RELEASES, Dataset, find_local_file, read_dataset, release_of
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from tests.support.dataset_rows import arguments
from tests.support.shared_datasets import DATASETS, needs_datasets

pytestmark = needs_datasets

SIZES = {
    "HumanEvalPlus-v0.1.10.jsonl": ("humaneval+", 164),
    "HumanEvalPlus-v0.1.9.jsonl": ("HumanEvalPlus-v0.1.9", 164),
    "HumanEvalPlus-Mini-v0.1.10.jsonl": ("HumanEvalPlus-Mini-v0.1.10", 164),
    "MbppPlus-v0.2.0.jsonl": ("mbpp+", 378),
    "MbppPlus-v0.1.0.jsonl": ("MbppPlus-v0.1.0", 399),
    "mbpp.jsonl": ("mbpp", 974),
    "sanitized-mbpp.json": ("mbpp-sanitized", 427),
    "humanevalpack-python.jsonl": ("humanevalfix", 164),
    "HumanEval-SingleLineInfilling.jsonl": ("infilling", 1033),
    "HumanEval-RandomSpanInfillingLight.jsonl": ("HumanEval-RandomSpanInfillingLight", 164),
}


@lru_cache
def dataset(name: str) -> Dataset:
    """Return the dataset of a file; it is read once."""
    return read_dataset(DATASETS / f"{name}.gz")


def defines(problem: Problem, program: str) -> bool:
    """Return whether a program defines the problem's entry point, and all of it is Python."""
    body = ast.parse(program).body
    return problem.entry_point in {node.name for node in body if isinstance(node, ast.FunctionDef)}


# Several solutions have escapes such as "\w".
@pytest.mark.filterwarnings("ignore:.*invalid escape sequence")
@pytest.mark.parametrize("name", SIZES)
def test_every_row_is_read(name: str) -> None:
    """All of them, each a whole problem with a test or with cases."""
    found = dataset(name)

    assert (found.name, len(found.problems)) == SIZES[name]
    assert all(defines(each, each.prompt + each.canonical_solution + each.suffix) for each in found.problems)
    assert all(bool(each.test) is not bool(each.cases) for each in found.problems)
    assert all(each.test == "" or compile(each.test, each.task_id, "exec") for each in found.problems)


@pytest.mark.parametrize("name", RELEASES)
def test_what_is_known_of_a_release_is_so(name: str) -> None:
    """Its file is found in a folder of such files, and its content has the hash."""
    release = RELEASES[name]
    file = find_local_file(release, DATASETS)

    assert file is not None
    published = file.read_bytes()
    content = gzip.decompress(published)
    assert release_of(hashlib.sha256(content).hexdigest()) is release
    # The others are published as they are, and packed here.
    if release.url.endswith(".gz"):
        assert (len(published), hashlib.sha256(published).hexdigest()) == (release.size_bytes, release.sha256)
    else:
        assert (len(content), release.sha256) == (release.size_bytes, "")


def test_humaneval_plus_in_the_form_of_humaneval_is_refused() -> None:
    """Its tests need numpy: it would score nothing, and blame the candidates."""
    with pytest.raises(ConfigError, match=r"line 1: the test imports 'numpy'"):
        read_dataset(DATASETS / "HumanEvalPlus-OriginFmt-v0.1.10.jsonl.gz")


@pytest.mark.parametrize(
    ("name", "others"), [("MbppPlus-v0.2.0.jsonl", set()), ("MbppPlus-v0.1.0.jsonl", {582})]
)
def test_the_base_inputs_of_mbpp_plus_are_those_of_its_asserts(name: str, others: set[int]) -> None:
    """With the types that JSON has lost, but where evalplus has lost them, too.

    98, 104, 140, 145 and 596 have lists for tuples, 301 and 582 texts as keys; of 87 the inputs are others.
    """
    with gzip.open(DATASETS / f"{name}.gz") as lines:
        asserts = {row["task_id"]: row["assertion"] for row in map(json.loads, lines)}

    found = {
        each.task_id
        for each in dataset(name).problems
        if base_inputs(each) != inputs_of(asserts[each.task_id], each.entry_point)
    }

    # Of 803 an input is an expression.
    expected = {87, 98, 104, 140, 145, 301, 596, 803} | others
    assert found == {f"Mbpp/{number}" for number in expected}


def base_inputs(problem: Problem) -> object:
    """Return the arguments of each base case."""
    assert problem.cases is not None
    return arguments(problem.cases.base)


def inputs_of(asserts: str, entry_point: str) -> list[list[object]]:
    """Return the arguments of each call of the entry point; None for what is no literal."""
    nodes = [node for statement in ast.parse(asserts).body for node in ast.walk(statement)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and is_named(node.func, entry_point)]
    return [[literal(argument) for argument in call.args] for call in calls]


def is_named(node: ast.expr, name: str) -> bool:
    """Return whether an expression is just this name."""
    return isinstance(node, ast.Name) and node.id == name


def literal(node: ast.expr) -> object:
    """Return the value of a literal; None for what is none."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None

"""Inputs varied from examples, and inputs made of annotations."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.selection.annotated import annotated_inputs
from pytest_humaneval.core.selection.probe import FURTHER_INPUTS, probe_of
from pytest_humaneval.core.selection.variations import varied

SHAPE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(SHAPE, SHAPE), max_size=4))
def test_any_examples_can_be_varied(arguments: list[tuple[object, ...]]) -> None:
    """Whatever plain data they are: as many arguments, none of them given or twice, and the same again."""
    inputs = varied(arguments, 10)

    texts = [repr(each) for each in inputs]
    assert len(set(texts)) == len(texts)
    assert not set(texts) & set(map(repr, arguments))
    assert all(len(each) == 2 for each in inputs)
    assert [repr(each) for each in varied(arguments, 10)] == texts


def test_types_stay_those_of_the_examples() -> None:
    """A list of texts stays one, a number a number: other types are no inputs of the function."""
    inputs = varied([(["a", "bc"], 3)], 50)

    assert len(inputs) == 50
    assert all(type(each[0]) is list and type(each[1]) is int for each in inputs)
    assert all(type(item) is str for each in inputs for item in each[0])


def test_the_edges_come_first() -> None:
    """Nothing, and one: where programs differ most."""
    inputs = varied([([5, 6, 7],)], 10)

    assert ([],) in inputs
    assert ([5],) in inputs


def test_other_processes_vary_alike() -> None:
    """Workers of a run, and runs of another day, make the same calls, whatever Python's hash seed is."""
    module = "pytest_humaneval.core.selection.variations"
    script = f"from {module} import varied; print(varied([({{'a': 1, 'b': 2}}, 'xy')], 9))"

    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


def test_every_humaneval_problem_with_a_type_has_inputs() -> None:
    """Of the five prompts without an example two have no annotations, either."""
    probes = {problem.task_id: probe_of(problem.stub) for problem in read_problems()}

    assert [task_id for task_id, probe in probes.items() if not probe.inputs] == [
        "HumanEval/83",
        "HumanEval/160",
    ]
    assert max(len(probe.inputs) for probe in probes.values()) == FURTHER_INPUTS + 2


@pytest.mark.parametrize(
    ("parameters", "inputs"),
    [
        ("a: int, b: str", ((3, "abc"), (12, "Hello world"))),
        ("a: List[int]", (([3, 12, 3],), ([12],))),
        ("a: Optional[Dict[str, float]]", (({"abc": 2.5, "Hello world": 10.0},), ({"abc": (2.5)},))),
        ("a: tuple[int, bool]", (((3, True),), ((12, False),))),
        ("a, b: int", ()),
        ("a: Thing", ()),
        ("a: List", ()),
        ("", ()),
    ],
)
def test_inputs_of_annotated_types(parameters: str, inputs: tuple[tuple[object, ...], ...]) -> None:
    """Two for each parameter; none where a type is unknown."""
    assert annotated_inputs(Stub(f"def f({parameters}):\n", "f")) == inputs

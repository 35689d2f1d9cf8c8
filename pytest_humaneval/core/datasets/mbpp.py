"""Rows of MBPP (Austin et al. 2021, arXiv:2108.07732), and of its sanitized part.

A row is a sentence, a solution and asserts; the prompt, the entry point and the test are made of them here.
Not read: ``challenge_test_list``, which few rows have and the paper's score does not count.
Source: https://github.com/google-research/google-research/tree/master/mbpp
"""

from __future__ import annotations

import ast
import warnings

from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.problem import Problem

FIELDS = ("task_id", "text or prompt", "code", "test_list")
# Four times the CPU seconds that the solutions take which need about as long as the usual limit.
_LEAST_TIMEOUTS_S = {"Mbpp/123": 12.0}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def read_mbpp(row: Row) -> Problem:
    """Return the problem of a row.

    Raises:
        ConfigError: a field is missing or not as it must be, or the entry point cannot be known.
    """
    sentence = _lines(row, "text" if "text" in row.values else "prompt").strip()
    solution, asserts = _lines(row, "code"), [text.replace("\r\n", "\n") for text in row.texts("test_list")]
    if not asserts:
        raise row.error("field 'test_list' must be a list of asserts, found none")
    entry_point = _entry_point(solution, asserts, row)
    setup = [*row.texts("test_imports"), *_imports(solution, asserts, row)]
    if row.values.get("test_setup_code"):
        setup.append(_lines(row, "test_setup_code"))
    task_id = _task_id(row)
    return Problem(
        task_id=task_id,
        prompt=_prompt(sentence, asserts),
        entry_point=entry_point,
        canonical_solution=solution,
        test=_test(setup, asserts, entry_point, row),
        least_timeout_s=_LEAST_TIMEOUTS_S.get(task_id, 0.0),
        shows_test=True,
    )


def _lines(row: Row, field: str) -> str:
    return row.text(field).replace("\r\n", "\n")


def _task_id(row: Row) -> str:
    """Return the id as MBPP+ writes it."""
    number = row.values.get("task_id")
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return f"Mbpp/{number}" if is_number else row.text("task_id")


def _parsed(text: str, field: str, row: Row) -> ast.Module:
    try:
        # Several solutions have escapes such as "\w", which Python warns of.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise row.error(f"field {field!r} is not Python ({error})") from error


def _entry_point(solution: str, asserts: list[str], row: Row) -> str:
    """Return the function that the asserts call and the solution defines."""
    body = _parsed(solution, "code", row).body
    defined = {node.name for node in body if isinstance(node, _DEFINITIONS)}
    for text in asserts:
        for node in ast.walk(_parsed(text, "test_list", row)):
            # Outer calls come first.
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in defined:
                return node.func.id
    raise row.error(
        "the entry point cannot be known: field 'test_list' calls no function that field 'code' defines"
    )


def _imports(solution: str, asserts: list[str], row: Row) -> list[str]:
    """Return the imports of the solution that the asserts use, too: in MBPP both are in one module."""
    nodes = [node for text in asserts for node in ast.walk(_parsed(text, "test_list", row))]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    return [
        ast.unparse(node)
        for node in _parsed(solution, "code", row).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and used.intersection(alias.asname or alias.name for alias in node.names)
    ]


def _prompt(sentence: str, asserts: list[str]) -> str:
    """Return a docstring of the sentence and the asserts, in which all is written as it stands."""
    text = "\n".join([sentence, *asserts])
    if '"""' in text:
        text = text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
        return f'"""\n{text}\n"""\n'
    raw = "r" if "\\" in text else ""
    return f'{raw}"""\n{text}\n"""\n'


def _test(setup: list[str], asserts: list[str], entry_point: str, row: Row) -> str:
    """Return the source of a test that makes these asserts, in which the entry point goes by its own name."""
    statements = [line for text in asserts for line in _statements(text, row)]
    # The test function would hide a candidate of its own name.
    own_name = [f"    {entry_point} = candidate"] if entry_point == "check" else []
    check = ["def check(candidate):", *own_name, *(f"    {statement}" for statement in statements)]
    return "\n".join([*setup, *check]) + "\n"


def _statements(text: str, row: Row) -> list[str]:
    """Return the statements of a text, each as it stands; only its first line is to be indented."""
    body = _parsed(text, "test_list", row).body
    if not all(isinstance(node, (ast.Assert, ast.Assign, ast.Expr)) for node in body):
        raise row.error("field 'test_list' holds a statement that is no assert; write asserts only")
    return [ast.get_source_segment(text, node) or "" for node in body]

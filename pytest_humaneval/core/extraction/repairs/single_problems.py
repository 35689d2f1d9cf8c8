"""Repairs for single problems of HumanEval: each acts on the entry point that it names, and on no other.

They correct mistakes that small models make. A pass that needs one is not the model's own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_humaneval.core.extraction.repairs.rewriting import (
    Function,
    Rewrite,
    calls,
    expression,
    parameters,
    rewritten,
)
from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.problem import Stub

_VOWELS = set("aeiou")
_WORDS = "['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']"


@dataclass(frozen=True)
class KnownFunction:
    """A repair of one problem's answers: it looks at which problem it is, so it is never a format step."""

    entry_point: str
    rewrite: Rewrite

    def __call__(self, program: str, stub: Stub) -> str:
        """Return the program, rewritten if it answers this problem."""
        return rewritten(program, stub, self.rewrite) if stub.entry_point == self.entry_point else program


def _both_cases(function: Function) -> bool:
    """Add the upper case to vowels that are listed in lower case only."""
    changed = False
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and set(node.value) == _VOWELS:
            node.value += node.value.upper()
            changed = True
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            values = [element.value for element in node.elts if isinstance(element, ast.Constant)]
            if set(values) == _VOWELS:
                node.elts += [ast.Constant(str(value).upper()) for value in values]
                changed = True
    return changed


def _float_first(function: Function) -> bool:
    """Convert the parameter to a float first."""
    name = parameters(function)[0]
    if any(ast.unparse(call.args[0]) == name for call in calls(function, "float") if call.args):
        return False
    has_docstring = ast.get_docstring(function, clean=False) is not None
    function.body.insert(1 if has_docstring else 0, syntax_tree(f"{name} = float({name})").body[0])
    return True


def _sort_by_value(function: Function) -> bool:
    """Sort number words by their value."""
    key = f"lambda word: {_WORDS}.index(word) if word in {_WORDS} else word"
    sorting = [*calls(function, "sorted"), *calls(function, "sort")]
    plain = [call for call in sorting if not any(keyword.arg == "key" for keyword in call.keywords)]
    for call in plain:
        call.keywords.append(ast.keyword("key", expression(key)))
    return bool(plain)


def _accept_decimal_comma(function: Function) -> bool:
    """Replace a decimal comma by a point before the conversion to float."""
    plain = [
        call for call in calls(function, "float") if call.args and "replace" not in ast.unparse(call.args[0])
    ]
    for call in plain:
        call.args[0] = expression(f"str({ast.unparse(call.args[0])}).replace(',', '.')")
    return bool(plain)


def _split_on_both(function: Function) -> bool:
    """Split the parameter on commas and spaces alike."""
    name = parameters(function)[0]
    changed = False
    for call in calls(function, "split"):
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == name:
            call.func.value, call.args = expression(f"{name}.replace(',', ' ')"), []
            changed = True
    return changed


def _by_token(function: Function) -> bool:
    """Iterate over the parameter's tokens, not its characters."""
    name = parameters(function)[0]
    changed = False
    for node in ast.walk(function):
        if isinstance(node, (ast.For, ast.comprehension)) and ast.unparse(node.iter) == name:
            node.iter = expression(f"{name}.split()")
            changed = True
    return changed


def _whole_range(function: Function) -> bool:
    """Include the last number in the range that is averaged."""
    first, last = parameters(function)[:2]
    changed = False
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node) == f"range({first}, {last})":
            node.args[1] = expression(f"{last} + 1")
            changed = True
        elif isinstance(node, ast.BinOp) and ast.unparse(node).endswith(f"/ ({last} - {first})"):
            node.right = expression(f"{last} - {first} + 1")
            changed = True
    return changed


SINGLES: Mapping[str, Callable[[str, Stub], str]] = {
    "remove_vowels_in_both_cases": KnownFunction("remove_vowels", _both_cases),
    "closest_integer_from_float": KnownFunction("closest_integer", _float_first),
    "sort_numbers_by_value": KnownFunction("sort_numbers", _sort_by_value),
    "compare_one_with_decimal_comma": KnownFunction("compare_one", _accept_decimal_comma),
    "words_string_on_comma_and_space": KnownFunction("words_string", _split_on_both),
    "parse_music_by_token": KnownFunction("parse_music", _by_token),
    "rounded_avg_over_whole_range": KnownFunction("rounded_avg", _whole_range),
}
"""The repairs by the names of their steps."""

"""Repairs of names that an answer uses but never defines: missing imports, missing helpers."""

from __future__ import annotations

import builtins
import textwrap
from collections.abc import Collection, Mapping

from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Stub

IMPORTS: Mapping[str, str] = {
    "hashlib": "import hashlib",
    "math": "import math",
    "reduce": "from functools import reduce",
}
"""The import statement that defines each name."""

HELPERS: Mapping[str, str] = {
    "is_prime": """
        def is_prime(n):
            return n > 1 and all(n % divisor for divisor in range(2, int(n**0.5) + 1))
    """,
    "is_palindrome": """
        def is_palindrome(value):
            items = str(value) if isinstance(value, int) else value
            return items == items[::-1]
    """,
    "reverse": """
        def reverse(items):
            return items[::-1]
    """,
    "product": """
        def product(numbers):
            result = 1
            for number in numbers:
                result *= number
            return result
    """,
    "is_balanced": """
        def is_balanced(text):
            pairs, expected = {"(": ")", "[": "]", "{": "}", "<": ">"}, []
            for character in text:
                if character in pairs:
                    expected.append(pairs[character])
                elif character in pairs.values() and (not expected or expected.pop() != character):
                    return False
            return not expected
    """,
    "prod_sign": """
        def prod_sign(numbers):
            sign = 1
            for number in numbers:
                sign *= (number > 0) - (number < 0)
            return sign
    """,
    "factorial": """
        def factorial(n):
            return 1 if n < 2 else n * factorial(n - 1)
    """,
}
"""A definition of each helper that models call without writing it."""


def import_missing(program: str, stub: Stub) -> str:
    """Return a program that imports the names of IMPORTS which it uses and does not define."""
    return _with(IMPORTS, IMPORTS, program, stub)


def define_is_prime(program: str, stub: Stub) -> str:
    """Return a program that defines ``is_prime`` if it calls it."""
    return _with(HELPERS, {"is_prime"}, program, stub)


def define_helpers(program: str, stub: Stub) -> str:
    """Return a program that defines the helpers of HELPERS which it uses and does not define."""
    return _with(HELPERS, HELPERS, program, stub)


def _with(sources: Mapping[str, str], wanted: Collection[str], program: str, stub: Stub) -> str:
    tree = parse(program)
    if tree is None:
        return program
    names = names_of(tree.body)
    # Not the entry point itself: a helper of its name would be the solution.
    missing = sorted((names.loads - names.stores - set(dir(builtins)) - {stub.entry_point}) & set(wanted))
    if not missing:
        return program
    return "\n\n\n".join(
        [*(textwrap.dedent(sources[name]).strip() for name in missing), program.lstrip("\n")]
    )

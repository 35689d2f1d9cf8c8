"""Calls whose results are wanted, not a verdict: what each gave, whatever the candidate does."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_humaneval.core.calls import Calls
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox

FLOOD = (
    "import os\nfor fd in range(3, 40):\n    try: os.write(fd, b'12345678901')\n    except OSError: pass\n"
)


@pytest.fixture(scope="module")
def sandbox(sandbox_name: str) -> Iterator[OpenedSandbox]:
    """Every sandbox in turn."""
    with open_sandbox(Limits(timeout_s=1.5, memory_mib=256), name=sandbox_name) as opened:
        yield opened


def calling(program: str, arguments: list[list[Any]], expected: list[list[Any]] | None = None) -> Candidate:
    """A candidate whose ``f`` is called with these arguments; each expectation: value, exception, digits."""
    calls = Calls(marshal.dumps(arguments, 2), marshal.dumps(expected or [], 2))
    return Candidate(program, "f", prompt="", test="", calls=calls)


def returning(sandbox: OpenedSandbox, *expressions: str) -> list[str]:
    """The keys of what expressions give."""
    program = f"def f(n):\n    return [{', '.join(f'lambda: {each}' for each in expressions)}][n]()\n"
    verdict = sandbox.run(calling(program, [[number] for number in range(len(expressions))]))
    return [call.key for call in verdict.calls]


def gave(verdict: Verdict) -> list[tuple[str, bool | None]]:
    """The text of each call's result, and whether it was expected."""
    return [(call.text, call.is_expected) for call in verdict.calls]


def test_every_call_says_what_it_gave(sandbox: OpenedSandbox) -> None:
    """Results and exceptions, beside what was expected of the first of them; a failure does not end it."""
    program = "def f(n):\n    return [n, 'a'][n]\n"

    verdict = sandbox.run(calling(program, [[0], [5], [1], [0]], [[0, "", None], [3, "IndexError", None]]))

    assert verdict.outcome == "passed"
    assert gave(verdict) == [
        ("0", True),
        ("IndexError: list index out of range", True),
        ("'a'", None),
        ("0", None),
    ]
    assert verdict.calls[1].key == "!IndexError"


@pytest.mark.parametrize(
    ("value", "expected", "digits", "is_met"),
    [
        ("1", True, None, True),
        ("0.1 + 0.2", 0.3, None, True),
        ("0.301", 0.3, None, False),
        ("2 / 3", 0.67, 2, True),
        ("[1, (2.0000000001, 'a')]", [1, (2, "a")], None, True),
        ("[1, 2]", (1, 2), None, False),
        ("{'b': 1, 'a': [2]}", {"a": [2], "b": 1}, None, True),
        ("{3, 1}", {1, 3}, None, True),
        ("None", None, None, True),
        ("print", None, None, False),
        ("'1'", 1, None, False),
        ("float('nan')", 1.0, 2, False),
    ],
)
def test_an_expected_value_is_met_as_a_test_would_have_it(
    value: str, expected: object, digits: int | None, is_met: bool
) -> None:
    """Equal by ``==``, but for what floating-point numbers leave open."""
    with open_sandbox(Limits()) as sandbox:
        verdict = sandbox.run(calling(f"def f():\n    return {value}\n", [[]], [[expected, "", digits]]))

    assert [call.is_expected for call in verdict.calls] == [is_met]


def test_a_value_where_an_exception_was_expected_is_not_it() -> None:
    """And another exception is not it, either."""
    program = "def f(n):\n    return 1 / n\n"
    with open_sandbox(Limits()) as sandbox:
        verdict = sandbox.run(calling(program, [[1], [0]], [[None, "ValueError", None]] * 2))

    assert [call.is_expected for call in verdict.calls] == [False, False]


def test_equal_results_have_equal_keys(sandbox: OpenedSandbox) -> None:
    """Equal by ``==``, in whatever order a set or a dict has them, up to rounding errors."""
    for equal in (["1", "1.0", "True"], ["{1, 2, 30}", "{30, 1, 2}"], ["{1: 2, 3: 4}", "{3: 4, 1: 2.0}"]):
        assert len(set(returning(sandbox, *equal))) == 1
    assert len(set(returning(sandbox, "0.1 + 0.2", "0.3"))) == 1
    assert len(set(returning(sandbox, "iter([1, 2])", "(n for n in (1, 2))"))) == 1


def test_other_results_have_other_keys(sandbox: OpenedSandbox) -> None:
    """Also large ones, nested ones, and ones that print alike."""
    others = [
        "iter([1])",
        "iter([2])",
        "iter(range(9999))",
        "print",
        "1",
        "'1'",
        "[1]",
        "(1,)",
        "[[1]]",
        "None",
        "{1}",
        "{1: 1}",
        "[0] * 99999",
        "[1] * 99999",
        "1.25",
        "b'1'",
    ]

    assert len(set(returning(sandbox, *others))) == len(others)


@pytest.mark.parametrize(
    ("program", "outcome", "answered"),
    [
        pytest.param("def f(n):\n    while n == 2: pass\n    return n", "timeout", 2, id="never-ends"),
        pytest.param(
            "import os\ndef f(n):\n    return os._exit(0) if n == 2 else n", "crashed", 2, id="leaves"
        ),
        pytest.param(
            "import sys\ndef f(n):\n    return sys.exit(0) if n == 2 else n",
            "crashed",
            2,
            id="leaves-politely",
        ),
        pytest.param(
            "def f(n):\n    return len([0] * (1 << 27)) if n == 2 else n", "memory", 2, id="too-much"
        ),
        pytest.param("def f(n) return n", "syntax_error", 0, id="does-not-parse"),
        pytest.param("def g(n): return n", "exception", 0, id="no-entry-point"),
        pytest.param("while True: pass", "timeout", 0, id="never-loads"),
    ],
)
def test_what_was_answered_before_the_end_counts(
    sandbox: OpenedSandbox, program: str, outcome: str, answered: int
) -> None:
    """However a candidate ends, the calls before it have their results."""
    verdict = sandbox.run(calling(program, [[0], [1], [2], [3]], [[0, "", None]] * 4))

    assert verdict.outcome == outcome
    assert [call.text for call in verdict.calls] == ["0", "1"][:answered]
    assert not verdict.tampered


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(f"{FLOOD}def f(n): return n", id="while-loading"),
        pytest.param(
            f"def f(n):\n{''.join(f'    {line}{chr(10)}' for line in FLOOD.splitlines())}    return n",
            id="in-a-call",
        ),
    ],
)
def test_an_attack_during_the_calls_is_seen(sandbox: OpenedSandbox, program: str) -> None:
    """Whoever writes into the sandbox's pipes has tampered, and no call counts."""
    verdict = sandbox.run(calling(program, [[0], [1]], [[0, "", None]]))

    assert verdict.tampered
    assert verdict.outcome == "crashed"
    assert verdict.calls == ()


def test_calls_change_nothing_for_those_after_them(sandbox: OpenedSandbox) -> None:
    """Each call has arguments of its own, whatever the one before has done to its."""
    program = "def f(items):\n    items.append(1)\n    return len(items)\n"

    verdict = sandbox.run(calling(program, [[[]], [[]]]))

    assert gave(verdict) == [("1", None), ("1", None)]

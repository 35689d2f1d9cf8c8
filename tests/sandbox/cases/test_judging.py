"""A candidate that is judged by cases: outcomes, messages, base and plus, large values, hostile programs."""

from __future__ import annotations

import marshal
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.problem import Cases
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox import open_sandbox
from pytest_humaneval.sandbox.runtime.trusted.candidate_proxy import TAMPERED

Judge = Callable[..., Verdict]
DOUBLE = "def f(n): return n * 2"
SPENDING = """
import time
def f(n):
    until = time.process_time() + {}
    while time.process_time() < until: pass
    return n
"""
NUMBERS = [[[1], [2]], [[3], [4], [5]]]


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """Return the verdict on a program: of a sandbox with a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with open_sandbox(Limits()) as sandbox:

            def judged(
                program: str,
                inputs: list[list[Any]] = NUMBERS,
                reference: str = DOUBLE,
                rule: str = "equal",
                atol: float = 0.0,
            ) -> Verdict:
                return sandbox.run(candidate(program, inputs, reference, rule, atol))

            yield judged


def candidate(
    program: str,
    inputs: list[list[Any]] = NUMBERS,
    reference: str = DOUBLE,
    rule: str = "equal",
    atol: float = 0.0,
) -> Candidate:
    """Return a candidate with these base inputs and plus inputs."""
    base, plus = (marshal.dumps(part, 2) if part else b"" for part in inputs)
    cases = Cases(textwrap.dedent(reference), base, plus, atol, rule)
    return Candidate(textwrap.dedent(program), "f", "", "", cases)


def test_the_reference_itself_passes(judge: Judge) -> None:
    """All cases, base and plus."""
    verdict = judge(DOUBLE)

    assert (verdict.outcome, verdict.base_outcome, verdict.message) == ("passed", "passed", None)


def test_without_plus_inputs_there_is_no_base_outcome(judge: Judge) -> None:
    """For there is only one score."""
    assert judge(DOUBLE, [[[1]], []]).base_outcome is None


def test_the_first_wrong_value_is_shown_with_its_call(judge: Judge) -> None:
    """Of the base inputs here: both outcomes are wrong."""
    verdict = judge("def f(n): return n + 2")

    assert (verdict.outcome, verdict.base_outcome) == ("wrong_answer", "wrong_answer")
    assert verdict.message == "base input 1 of 2: f(1)\n  actual:   3\n  expected: 2"


def test_a_wrong_plus_value_leaves_the_base_outcome(judge: Judge) -> None:
    """The base score counts it as passed."""
    verdict = judge("def f(n): return n * 2 if n < 4 else [n]")

    assert (verdict.outcome, verdict.base_outcome) == ("wrong_answer", "passed")
    assert verdict.message == "plus input 2 of 3: f(4)\n  actual:   [4]\n  expected: 8"


@pytest.mark.parametrize(
    ("program", "outcome", "base_outcome", "words"),
    [
        ("def f(n): return n * 2 // (n < 3)", "exception", "passed", "ZeroDivisionError: "),
        ("def f(n): return undefined", "exception", "exception", "NameError: "),
        ("def f(n) return", "syntax_error", "syntax_error", "line 1"),
        ("def g(n): return 2 * n", "exception", "exception", "'f' is not defined"),
        (
            "import os\ndef f(n): return n * 2 if n < 4 else os._exit(0)",
            "crashed",
            "passed",
            "plus input 1 of 3, or",
        ),
        ("def f(n): return n * 2 if n < 3 else exit()", "crashed", "passed", "left early"),
        ("import os\ndef f(n): os.kill(os.getpid(), 11)", "crashed", "crashed", "SIGSEGV"),
        ("def f(n): return bytearray(1 << 40)", "memory", "memory", "base input 1"),
        (
            "class A:\n  __eq__ = lambda *_: True\ndef f(n): return A()",
            "not_plain_data",
            "not_plain_data",
            "A",
        ),
        ("def f(n): return (n * 2 for _ in '1')", "wrong_answer", "wrong_answer", "expected: 2"),
    ],
)
def test_how_a_candidate_fails_is_its_outcome(
    judge: Judge, program: str, outcome: str, base_outcome: str, words: str
) -> None:
    """With the outcome of the base inputs, and words on the case."""
    verdict = judge(program)

    assert (verdict.outcome, verdict.base_outcome) == (outcome, base_outcome)
    assert words in (verdict.message or "")


def test_what_a_failing_candidate_printed_is_kept(judge: Judge) -> None:
    """And the line at which it raised."""
    verdict = judge("def f(n):\n    print('n is', n)\n    raise ValueError")

    assert (verdict.output, verdict.failing_line) == ("n is 1\n", 3)
    assert verdict.message == "ValueError: \nbase input 1 of 2: f(1)"


@pytest.mark.parametrize(
    "program",
    [
        "def f(n): return True if n == .5 else n * 2.0",
        "def f(n): return n * (2 + 0j)",
        "import decimal\ndef f(n): return decimal.Decimal(n) * 2",
        "import fractions\ndef f(n): return fractions.Fraction(n) * 2",
        "class N(int): pass\ndef f(n): return N(n * 2)",
        "import array\ndef f(n): return array.array('i', [n * 2])[0]",
    ],
)
def test_equal_values_of_other_types_are_right(judge: Judge, program: str) -> None:
    """As they are in Python."""
    assert judge(program).outcome == "passed"


@pytest.mark.parametrize("value", ["bytes([n, 0, 0, 0])", "bytearray([n, 0, 0, 0])"])
def test_an_array_is_not_the_bytes_in_it(judge: Judge, value: str) -> None:
    """Though ``marshal`` writes both alike."""
    inputs = [[[1]], []]
    reference = f"def f(n): return {value}"

    assert judge(reference, inputs, reference).outcome == "passed"
    assert (
        judge("import array\ndef f(n): return array.array('i', [n])", inputs, reference).outcome != "passed"
    )


def test_a_nan_of_the_reference_equals_nothing(judge: Judge) -> None:
    """Not even one of the same bytes."""
    reference = "def f(n): return [n * float('nan')]"

    assert judge(reference, NUMBERS, reference).outcome == "wrong_answer"


def test_a_tolerance_stays_once_there_were_floats(judge: Judge) -> None:
    """For later inputs of the same part, but not from the base inputs to the others."""
    reference = "def f(n): return float(n) if n == 1 else n * 10**9"
    program = "def f(n): return float(n) if n == 1 else n * 10**9 + 1"

    assert judge(program, [[[1], [2]], []], reference).outcome == "passed"
    assert judge(program, [[[2], [1]], []], reference).outcome == "wrong_answer"
    assert judge(program, [[[1], [2]], [[2]]], reference).base_outcome == "passed"
    assert judge(program, [[[1], [2]], [[2]]], reference).outcome == "wrong_answer"


@pytest.mark.parametrize(
    ("reference", "right", "wrong"),
    [
        ("[*range(n)]", "[float(i) for i in range(n)]", "[*range(n - 1), 0]"),
        ("'ab' * n", "''.join(['ab'] * n)", "'ab' * n + 'a'"),
        ("[(i, str(i)) for i in range(n)]", "[(float(i), str(i)) for i in range(n)]", "[()] * n"),
        ("{i: i for i in range(n)}", "{i: i for i in reversed(range(n))}", "{i: 0 for i in range(n)}"),
        ("1 << n * 100", "2 ** (n * 100)", "(1 << n * 100) + 1"),
        ("'a' * n", "'a' * n", "None"),
    ],
)
def test_large_values_are_compared_like_others(judge: Judge, reference: str, right: str, wrong: str) -> None:
    """By digests, in which equal values of other types are equal, and whose message shows an end of both."""
    inputs = [[[1]], [[70_000], [70_001]]]
    source = f"def f(n): return {reference}"

    assert judge(f"def f(n): return {right}", inputs, source).outcome == "passed"
    verdict = judge(f"def f(n): return ({wrong}) if n > 1 else {reference}", inputs, source)

    assert (verdict.outcome, verdict.base_outcome) == ("wrong_answer", "passed")
    assert (verdict.message or "").startswith("plus input 1 of 2: f(70000)\n  actual:   ")


def test_a_large_value_under_a_tolerance_is_undecided(judge: Judge) -> None:
    """In words of its own: never a wrong answer that may be none."""
    reference = "def f(n): return [float(i) for i in range(n)]"
    verdict = judge("def f(n): return [i + 1e-9 for i in range(n)]", [[[9]], [[70_000]]], reference)

    assert (verdict.outcome, verdict.base_outcome) == ("not_plain_data", "passed")
    assert "too large" in (verdict.message or "")


def test_inputs_that_a_candidate_changes_are_its_own(judge: Judge) -> None:
    """Neither the next call nor the message sees it."""
    inputs = [[[[3, 1]], [[3, 1]]], []]
    reference = "def f(numbers): return sorted(numbers)"

    assert judge("def f(n):\n    n.sort()\n    return n", inputs, reference).outcome == "passed"
    assert "f([3, 1])" in (judge("def f(n): n.clear()", inputs, reference).message or "")


@pytest.mark.parametrize("program", ["None", "[]", "[1]", "0"])
def test_stubs_pass_nothing(judge: Judge, program: str) -> None:
    """What returns the same for every input."""
    assert judge(f"def f(n): return {program}").outcome == "wrong_answer"


FORGED = """
import sys, os, marshal
from itertools import count

def find():
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if type(value).__name__ == "CaseCalls":
                return value
        frame = frame.f_back

def send(data):
    os.write(find()._writer, len(data).to_bytes(4, "big") + data)

def item(value, kind=b"p"):
    data = value if type(value) is bytes else marshal.dumps(value, 2)
    return kind + len(data).to_bytes(4, "big") + data
"""


@pytest.mark.parametrize(
    ("forged", "outcome"),
    [
        ("send(b'')", "crashed"),
        ("send(b'nonsense')", "crashed"),
        ("send(item(n * 2) * 9)", "crashed"),
        ("send(item(bytes(32), b'd')); send(item(b'\\0', b'n'))", "wrong_answer"),
        ("send(item(bytes(32), b'd') * 2)", "crashed"),
        ("send(item(b'n' * 40, b'n'))", "crashed"),
        ("send(item(b'', b't'))", "crashed"),
        ("send(item(b'[]', b'e'))", "crashed"),
        ("send(item(b'[' * 9999, b'j'))", "crashed"),
        ("send(item(b'c', b'p'))", "crashed"),
        ("os.write(find()._writer, b'\\xff' * 4)", "crashed"),
        ("send(item(b'l' + (1 << 20).to_bytes(4, 'little') + b'\\1\\0' * (1 << 20)))", "wrong_answer"),
    ],
)
def test_forged_messages_pass_nothing(judge: Judge, forged: str, outcome: str) -> None:
    """They are taken for what they are, or for tampering, and the next candidate is judged as ever."""
    verdict = judge(f"{FORGED}\ndef f(n):\n    {forged}\n    while True: pass")

    assert verdict.outcome == outcome
    assert outcome != "crashed" or TAMPERED in (verdict.message or "")
    assert judge(DOUBLE).outcome == "passed"


def test_an_endless_loop_costs_the_limit_of_one_input(judge: Judge) -> None:
    """About a second, though there are three more inputs."""
    verdict = judge("def f(n):\n    while n == 2: pass\n    return n * 2")

    assert (verdict.outcome, verdict.base_outcome) == ("timeout", "timeout")
    assert "base input 1 of 2, or soon after it" in (verdict.message or "")
    assert verdict.seconds < 2.5


def test_an_input_has_four_times_what_the_reference_took(judge: Judge) -> None:
    """Here two seconds, more than the second that each has; it gives the next one no more."""
    reference = SPENDING.format("(0.5 if n == 2 else 0)")

    assert (
        judge(SPENDING.format("(1.4 if n == 2 else 0)"), [[[1], [2]], [[3]]], reference).outcome == "passed"
    )
    late = judge(SPENDING.format("(1.6 if n == 3 else 0)"), [[[1], [2]], [[3]]], reference)

    assert (late.outcome, late.base_outcome) == ("timeout", "passed")


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("def f(n): return 1 // (n - 2)", "fails at input 2: exception (ZeroDivisionError"),
        ("def g(n): return 1", "fails at input 1: exception (NameError"),
        ("def f(n): return f(", "fails at input 1: syntax_error"),
    ],
)
def test_a_reference_that_fails_is_the_dataset_s_fault(judge: Judge, reference: str, words: str) -> None:
    """Never the candidate's."""
    verdict = judge(DOUBLE, NUMBERS, reference)

    assert (verdict.outcome, verdict.base_outcome) == ("infra_error", "infra_error")
    assert words in (verdict.message or "")


def test_an_unknown_rule_is_the_dataset_s_fault(judge: Judge) -> None:
    """As above."""
    assert "rule" in (judge(DOUBLE, NUMBERS, DOUBLE, "nearly").message or "")


def test_other_references_than_functions_of_plain_data(judge: Judge) -> None:
    """Such as one that returns a match, or a Counter."""
    match = "import re\ndef f(text): return re.search('a', text)"
    counter = "from collections import Counter\ndef f(text): return Counter(text)"

    assert judge(match, [[["cat"], ["dog"]], []], match, "not_none").outcome == "passed"
    assert (
        judge("def f(text): return 'a' in text", [[["cat"], ["dog"]], []], match, "not_none").outcome
        == "passed"
    )
    assert judge("def f(text): return {'o': 2, 'f': 1}", [[["foo"]], []], counter).outcome == "passed"


def cache_files(folder: Path) -> list[Path]:
    """Return the files in which references' answers are kept."""
    return sorted((folder / "pytest-humaneval" / "references").glob("*"))


COUNTED = "import time\ndef f(n): return 0 if n else time.time()"


def test_a_second_sandbox_runs_no_reference_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it returned was kept below XDG_CACHE_HOME; a damaged file is made anew."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    messages = []
    for damaged in (False, False, True):
        if damaged:
            (file,) = cache_files(tmp_path)
            file.write_bytes(file.read_bytes()[:-5] + b"other")
        with open_sandbox(Limits()) as sandbox:
            messages.append(sandbox.run(candidate("def f(n): return None", [[[0]], []], COUNTED)).message)

    assert messages[0] == messages[1] != messages[2]
    assert len(cache_files(tmp_path)) == 1


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where its folder would be."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with open_sandbox(Limits()) as sandbox:
        assert sandbox.run(candidate(DOUBLE)).outcome == "passed"


@pytest.mark.parametrize("name", ["oneshot", "forkserver-numpy"])
def test_every_local_sandbox_judges_by_cases(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With numpy loaded, too, and values that have its types."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    program = "def f(n): return n * 2"

    with open_sandbox(Limits(), name=name) as sandbox:
        assert sandbox.run(candidate(program)).outcome == "passed"
        assert sandbox.run(candidate("def f(n): return n + 2")).outcome == "wrong_answer"


def test_limits_that_are_given_hold_for_the_candidate_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of time, and of memory, which is larger by default than with a test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    hold = "def f(n): return len(bytes(300 << 20)) * 0 + n * 2"

    with open_sandbox(Limits().overridden(0.5, 256)) as sandbox:
        assert (
            sandbox.run(candidate(SPENDING.format(0.2), reference="def f(n): return n")).outcome == "timeout"
        )
        assert sandbox.run(candidate(hold)).outcome == "memory"
    with open_sandbox(Limits(memory_mib=256)) as sandbox:
        assert sandbox.run(candidate(hold)).outcome == "passed"

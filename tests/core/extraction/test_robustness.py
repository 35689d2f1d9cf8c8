"""Whatever the text, extraction is quick, raises nothing, executes nothing, and is idempotent."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_humaneval.commands.answer_forms import FIFTEEN
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.records import Completion
from tests.support.extraction.code_forms import CODE
from tests.support.extraction.marked_forms import MARKED

STUB = Stub('import math\n\n\ndef area(side: int) -> int:\n    """The area."""\n', "area")
PIECES = [
    "def area(side):\n", "    return side * side\n", "return 1", "```", "```python\n", "~~~\n", "\n",
    "    ", "\t", '"""', "'", '"', "(", ")", "[", "{", "\\", "#", ":", "@", "<think>", "</think>",
    "[PYTHON]", "[/PYTHON]", "<code>", "</code>", "<|im_end|>", "<|endof", "\r\n", "\x00", "\ud800",
    "\ufeff", "\N{NO-BREAK SPACE}", "\x0c", "\u2028", "import math\n",
    "from __future__ import annotations\n", "area = area(3)\n", "print(area(2))\n", "x = 1; y = 2\n",
    "class A:\n", "if __name__ == '__main__':\n", "else:\n", "Here's the (code:\n", "f'{x!r:>{y}}'",
    "lambda: 0", "async def area(*a): ...\n", "match x:\n  case 1: pass\n", "try:\n", "except* E:\n",
    "1if x else 2", "\\N{DASH}",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join)
MANY = 250_000


@given(TEXTS, st.sampled_from(["stop", "length", None]))
@settings(max_examples=500, deadline=None)
def test_no_text_raises(text: str, finish_reason: str | None) -> None:
    """Every text has an extraction."""
    for name in ("auto", "post_chat", "none"):
        extract(Completion(text, finish_reason), STUB, resolve(name))


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_extraction_is_idempotent(text: str) -> None:
    """Extraction leaves its own result, where that defines the entry point, as it is."""
    solution = extract(Completion(text), STUB, resolve("auto")).solution
    if solution is not None and defines(solution, STUB.entry_point):
        assert solution == extract(Completion(solution), STUB, resolve("auto")).solution


@pytest.mark.parametrize("name", [*FIFTEEN, *MARKED, *CODE])
def test_extraction_of_a_form_is_idempotent(name: str, problems: tuple[Problem, ...]) -> None:
    """What was extracted from an answer is an answer from which the same is extracted."""
    form = {**FIFTEEN, **MARKED, **CODE}[name]
    for problem in problems[::8]:
        answer = Completion(form(problem, problem.canonical_solution))
        solution = extract(answer, problem.stub, resolve("auto")).solution
        assert solution is not None

        assert solution == extract(Completion(solution), problem.stub, resolve("auto")).solution


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "(", "'", '"""\n', "```\n", "```python\nreturn area\n", "</think>\n", "<code>",
        "def area(x):\n    return (x\n\n", "    return 1\n", "print(area(1))\n", "x = 1\n", "[]", "-",
        "\\\n", "@area\n", "area is not a (word.\n",
    ],
)  # fmt: skip
def test_garbage_takes_about_what_parsing_as_much_code_does(piece: str) -> None:
    """No text makes extraction slow, whatever is repeated in it."""
    text = (piece * (MANY // len(piece) + 1))[:MANY]
    code = "x = 1\n" * (MANY // 6)

    extraction_s = cpu_s(lambda: extract(Completion(text, "length"), STUB, resolve("auto")))

    assert extraction_s < 2 * cpu_s(lambda: ast.parse(code))


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU time that some work takes this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def test_nothing_of_a_text_is_executed() -> None:
    """Extraction reads code and never runs it: it makes no code object, file, process or import."""
    watched = """
import sys
from pytest_humaneval.core.extraction import STEPS, extract, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion
evil = (
    "import antigravity\\n@exit\\ndef area(x=open('/dev/null')):\\n"
    "    return __import__('os').system('true')\\nexit()\\n"
)
stub = Stub("def area(x):\\n", "area")
extract(Completion("def area(x):\\n    return 1\\n"), stub, list(STEPS))
seen = []
sys.addaudithook(lambda event, details: seen.append((event, str(details[:1]))))
for text in (evil, "```python\\n" + evil, "    return 1\\n\\n" + evil):
    extract(Completion(text, "length"), stub, list(STEPS))
# CPython opens the file called "<unknown>" to show the line of a syntax error.
parsing = {("open", "('<unknown>',)")}
print([event for event in seen if event[0] != "compile" and event not in parsing])
"""
    done = subprocess.run(
        [sys.executable, "-c", watched], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")

"""Fuzz extraction: mutate right answers, and check that none makes it raise or hang.

    python benchmarks/fuzz_extraction.py --count 100000 --seed 1

Each answer is a canonical solution in some wrapping, cut, spliced, doubled and sprinkled with pieces that
matter to Python or Markdown. Prints how many were tried, how many raised, what came out, and the slowest.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

WRAPPINGS = (
    "{body}",
    "{prompt}{body}",
    "```python\n{prompt}{body}```\n",
    "Sure! Here's it (quick):\n\n```\n{prompt}{body}\n```\n\nIt's done.\n```python\nprint({name}(1))\n```",
    "<think>\nHm, `{name}`?\n```python\n{prompt}    return 0\n```\n</think>\n~~~py\n{prompt}{body}~~~",
    "[PYTHON]\n{prompt}{body}[/PYTHON]",
    "{body}\n\nprint({name}(1))\n\ndef other():\n    '''x\n",
)
PIECES = (
    "\n", "    ", "\t", "```", "```python\n", "~~~", '"""', "'''", '"', "'", "(", ")", "[", "{", "}", ":",
    "\\", "#", "@", "<think>", "</think>", "<code>", "</code>", "[PYTHON]", "<|im_end|>", "<|endof",
    "return ", "def ", "class ", "lambda", "if x:\n", "else:\n", "try:\n", "async ", "await ", "import ",
    "from __future__ import annotations\n", "\x00", "\ud800", "\ufeff", "\r\n", "\r", "\x0c", "\u2028",
    "\N{NO-BREAK SPACE}", "f'{x!r:{y}}'", "0x", "1_", "\\N{X}", ";", "...", "**", ":=",
)  # fmt: skip

Mutation = Callable[[str, random.Random], str]


def mutated(text: str, chance: random.Random) -> str:
    """Return a text after one to six random changes."""
    for _ in range(chance.randint(1, 6)):
        text = chance.choice(MUTATIONS)(text, chance)
    return text


def _insert(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 40)) + text[at:]


def _delete(text: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + text[at + chance.choice((1, 1, 4, 40, 400)) :]


def _double(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    piece = text[start : start + chance.choice((5, 50, 500))]
    at = chance.randint(0, len(text))
    return text[:at] + piece + text[at:]


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randint(0, len(text))]


def _swap_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def _reindent(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at] = " " * chance.randint(0, 9) + lines[at].lstrip()
    return "\n".join(lines)


MUTATIONS: tuple[Mutation, ...] = (_insert, _insert, _delete, _double, _cut, _swap_lines, _reindent)


def main() -> None:
    """Run the fuzz and print its figures."""
    parser = argparse.ArgumentParser(description="Fuzz extraction with mutated right answers.")
    parser.add_argument("--count", type=int, default=2_000, help="answers to try")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 (no secret: the run is to be repeatable)
    problems, outcomes, slowest = read_problems(), Counter[str](), (0.0, 0)
    began = time.perf_counter()
    for _ in range(options.count):
        problem = chance.choice(problems)
        wrapped = chance.choice(WRAPPINGS).format(
            prompt=problem.prompt, body=problem.canonical_solution, name=problem.entry_point
        )
        text = mutated(wrapped, chance)
        # CPU time, so that a busy machine makes no text look slow.
        start = time.thread_time()
        outcomes[_outcome(Completion(text, chance.choice(("stop", "length"))), problem.stub)] += 1
        slowest = max(slowest, (time.thread_time() - start, len(text)))
    seconds = time.perf_counter() - began
    print(f"{options.count} answers in {seconds:.0f} s, seed {options.seed}: {dict(outcomes)}")
    print(f"slowest: {slowest[0] * 1000:.0f} ms of CPU time, a text of {slowest[1]} characters")


def _outcome(completion: Completion, stub: Stub) -> str:
    try:
        solution = extract(completion, stub, resolve("auto")).solution
    except Exception as error:
        print(f"{type(error).__name__}: {error}; on {completion.text!r}")
        return "raised"
    if solution is None:
        return "no code"
    return "defines the entry point" if defines(solution, stub.entry_point) else "does not"


if __name__ == "__main__":
    main()

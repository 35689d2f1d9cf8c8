"""Compile and run the dataset's own test, unchanged; it is trusted code on the trusted side."""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import lru_cache
from typing import Any

PROMPT_FILE = "<prompt>"
TEST_FILE = "<test>"


class CompiledTest:
    """The test of one problem.

    Args:
        prompt: the dataset's prompt, whose helper functions the test may use.
        test: source that defines ``check(candidate)``.
        entry_point: the name under which the test may call the candidate, too.

    Raises:
        SyntaxError: the dataset's own text cannot be compiled.
        ValueError: as above.
    """

    def __init__(self, prompt: str, test: str, entry_point: str) -> None:
        self.test = test
        self._entry_point = entry_point
        self._test_code = compile(test, TEST_FILE, "exec", dont_inherit=True)
        self._prompt_code = _compiled_prompt(prompt)

    def run(self, candidate: Callable[..., Any]) -> None:
        """Run ``check(candidate)``; exceptions of the test are passed on.

        Args:
            candidate: what the test calls as the entry point.
        """
        namespace: dict[str, Any] = {"__name__": "test"}
        exec(self._prompt_code, namespace)  # noqa: S102 -- the dataset's own text
        namespace[self._entry_point] = candidate
        exec(self._test_code, namespace)  # noqa: S102 -- the dataset's own text
        namespace["check"](candidate)


def _compiled_prompt(prompt: str) -> types.CodeType:
    try:
        return compile(prompt, PROMPT_FILE, "exec", dont_inherit=True)
    # A prompt that ends in the middle of a body defines no helper.
    except SyntaxError:
        return compile("", PROMPT_FILE, "exec")


@lru_cache(maxsize=512)
def compiled_test(prompt: str, test: str, entry_point: str) -> CompiledTest:
    """Return a problem's test; it is compiled once for all samples of the problem."""
    return CompiledTest(prompt, test, entry_point)

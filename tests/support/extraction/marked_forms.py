"""Forms that differ in what surrounds the code: fences, tags, reasoning, special tokens, other blocks."""

from __future__ import annotations

import textwrap

from pytest_humaneval.commands.answer_forms import AnswerForm, entry_only, fence, split_prompt, whole
from pytest_humaneval.core.problem import Problem

_SHELL = fence("$ python solution.py", "bash")
_OUTPUT = fence("True\n[1, 2, 3]", "")


def _fence_in_docstring(problem: Problem, body: str) -> str:
    notes = '    """Used as in\n\n    ```python\n    answer()\n    ```\n    """\n'
    return fence(whole(problem, notes + body))


def _in_a_list(problem: Problem, body: str) -> str:
    return "1. The code:\n\n" + textwrap.indent(fence(whole(problem, body)), "   ") + "\n2. Done."


def _helper_in_its_own_block(problem: Problem, body: str) -> str:
    preamble, _ = split_prompt(problem)
    call = f"def {problem.entry_point}(*args):\n    return _answer(*args)"
    return f"First:\n{fence(preamble + entry_only(problem, body, '_answer'))}\nThen:\n{fence(call)}"


def _draft_then_final(problem: Problem, body: str) -> str:
    draft = fence(whole(problem, "    return 'draft'\n"))
    return f"A first try:\n{draft}\nBetter:\n{fence(whole(problem, body))}"


def _next_turn(problem: Problem, body: str) -> str:
    other = f"def {problem.entry_point}():\n    return 'other'"
    return f"{fence(whole(problem, body))}<|im_end|>\n<|im_start|>user\nAgain\n{fence(other)}"


FENCES: dict[str, AnswerForm] = {
    "tilde fence": lambda problem, body: fence(whole(problem, body), mark="~~~"),
    "four backticks": lambda problem, body: fence(whole(problem, body), mark="````"),
    "no label": lambda problem, body: fence(whole(problem, body), ""),
    "label Python3": lambda problem, body: fence(whole(problem, body), "Python3"),
    "label text": lambda problem, body: fence(whole(problem, body), "text"),
    "attributes in braces": lambda problem, body: fence(whole(problem, body), "{.python .numberLines}"),
    "attributes after the label": lambda problem, body: fence(whole(problem, body), 'python title="a.py"'),
    "fence indented in a list": _in_a_list,
    "fence inside a docstring": _fence_in_docstring,
    "prefilled fence": lambda problem, body: f"{whole(problem, body)}```\n\nIt's done.",
    "prefilled fence, usage after": lambda problem, body: (
        f"{whole(problem, body)}```\n\nUse:\n{fence(problem.entry_point + '()')}"
    ),
    "body after a prefilled fence": lambda _, body: f"{body}```\n\nThis (simply) works.",
    "closing fence on the last line": lambda problem, body: f"```python\n{whole(problem, body).rstrip()}```",
    "opening fence after prose": lambda problem, body: f"Here: {fence(whole(problem, body))}",
    "fences in a markdown fence": lambda problem, body: fence(
        f"# Answer\n{fence(whole(problem, body))}", "markdown", "````"
    ),
    "prose with inline code": lambda problem, body: (
        f"I use ```x = 1``` and `y`:\n{fence(whole(problem, body))}It's `{problem.entry_point}`."
    ),
    "unclosed fence with a body": lambda _, body: f"```python\n{body}",
}
"""Markdown as models write it."""

SEVERAL_BLOCKS: dict[str, AnswerForm] = {
    "draft, then the final answer": _draft_then_final,
    "answer, shell, output": lambda problem, body: f"{fence(whole(problem, body))}\n{_SHELL}\n{_OUTPUT}",
    "shell, output, answer": lambda problem, body: f"{_SHELL}\n{_OUTPUT}\n{fence(whole(problem, body))}",
    "helper in its own block": _helper_in_its_own_block,
    "prompt echoed, then the answer": lambda problem, body: (
        f"Complete this:\n{fence(problem.prompt)}\nAnswer:\n{fence(whole(problem, body))}"
    ),
    "prompt echoed, then the body": lambda problem, body: (
        f"Complete this:\n{fence(problem.prompt)}\nAnswer:\n{fence(body)}"
    ),
    "answer, then a broken variant": lambda problem, body: (
        f"{fence(whole(problem, body))}\nOr:\n{fence(f'def {problem.entry_point}(:')}"
    ),
    "answer, then an unfinished variant": lambda problem, body: (
        f"{fence(whole(problem, body))}\nOr:\n```python\n{problem.prompt}    if (x"
    ),
}
"""Answers with more than one block."""

WRAPPERS: dict[str, AnswerForm] = {
    "[PYTHON]": lambda problem, body: f"[PYTHON]\n{whole(problem, body)}\n[/PYTHON]",
    "[PYTHON] prefilled": lambda problem, body: f"{whole(problem, body)}[/PYTHON]\nDone (really).",
    "<code>": lambda problem, body: f"Here:\n<code>\n{whole(problem, body)}</code>\nIt's done.",
    "<answer> around a fence": lambda problem, body: f"<answer>\n{fence(whole(problem, body))}</answer>",
    "XML with CDATA": lambda problem, body: (
        f'<solution lang="python"><![CDATA[\n{whole(problem, body)}]]></solution>'
    ),
    "<answer> around a body": lambda _, body: f"<answer>\n{body}</answer>",
}
"""Tags around the code."""

REASONING: dict[str, AnswerForm] = {
    "closing tag only": lambda problem, body: (
        f"Hmm.\n```python\nx\n```\n</think>\n{fence(whole(problem, body))}"
    ),
    "<thinking>": lambda problem, body: f"<thinking>\nreturn 1\n</thinking>{fence(whole(problem, body))}",
    "reasoning, then a body": lambda _, body: f"<think>\nEasy.\n</think>\n\n{body}",
    "analysis and final channels": lambda problem, body: (
        "<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{fence(whole(problem, body))}<|return|>"
    ),
}
"""Reasoning before the answer."""

TOKENS: dict[str, AnswerForm] = {
    "end token": lambda _, body: f"{body}<|endoftext|>",
    "end token in a fence": lambda problem, body: f"```python\n{whole(problem, body)}<|im_end|>",
    "fragment at the end": lambda _, body: f"{body}<|endoft",
    "fragment without its beginning": lambda _, body: f"{body}endoftext|>\nimport nothing",
    "header": lambda problem, body: f"<|im_start|>assistant\n{fence(whole(problem, body))}",
    "header and body": lambda _, body: f"<|im_start|>assistant\n{body}</s>",
    "another document": lambda problem, body: (
        f"{body}<|endoftext|>def {problem.entry_point}():\n    return 0"
    ),
    "another turn": _next_turn,
    "DeepSeek's token": lambda _, body: (
        f"{body}<\N{FULLWIDTH VERTICAL LINE}end\N{LOWER ONE EIGHTH BLOCK}of\N{LOWER ONE EIGHTH BLOCK}sentence"
        "\N{FULLWIDTH VERTICAL LINE}>"
    ),
}
"""Tokens of chat templates and tokenizers that were left in the text."""

MARKED: dict[str, AnswerForm] = {**FENCES, **SEVERAL_BLOCKS, **WRAPPERS, **REASONING, **TOKENS}

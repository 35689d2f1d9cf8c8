"""The page of hooks and of the registry, from their docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from pytest_humaneval import hookspecs
from pytest_humaneval.evaluation.registry import Registry
from reference_pages.hooks_example import COMMAND, EXAMPLE, EXPERIMENT, PRINTED
from reference_pages.markdown import code, fence, page

_INTRO = """
What other plugins, and the `conftest.py` of a project's root folder, can add to an evaluation, and what they can hear
of it. [Writing a plugin](../howto/writing_a_plugin.md) explains each kind, and what a mistake of a plugin leads to.

Hooks of pytest take their arguments by name; an implementation may leave out those that it does not need.
"""

_REGISTRY = """
`registry` of `pytest_humaneval_register` has these methods. Every method raises `ConfigError` if the name, or one of
the `keys`, is taken. `keys` are keys that it adds to the tables of experiments.toml, each with a `Rule` of
`core/config/toml_schema.py`; their values are in `experiment.added`.
"""

_WHOLE = "A `conftest.py` that uses every hook and every method; the project's tests run it as it stands:"

NAMES = [name for name in vars(hookspecs) if name.startswith("pytest_humaneval_")]
METHODS = ["provider", "dataset", "sandbox", "store", "report", "step"]


def hooks() -> str:
    """Return the page."""
    blocks = [_INTRO, "## Hooks"]
    for name in NAMES:
        blocks += _described(name, getattr(hookspecs, name))
    blocks += ["## The registry", _REGISTRY]
    for name in METHODS:
        blocks += _described(f"registry.{name}", getattr(Registry, name))
    blocks += ["## An example of all", _WHOLE, fence(EXAMPLE, "python"), "An experiments file that uses it:"]
    blocks += [fence(EXPERIMENT, "toml"), "The command, and what the listeners print:", fence(COMMAND)]
    return page("Hooks", *blocks, fence("\n".join(PRINTED)))


def _described(name: str, function: Callable[..., Any]) -> Iterator[str]:
    yield f"### `{name}`"
    yield code(f"{name}({', '.join(_parameters(function))})")
    yield from _markdown(inspect.getdoc(function) or "")


def _parameters(function: Callable[..., Any]) -> Iterator[str]:
    keyword_only = False
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            yield "*"
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        kind = str(parameter.annotation).removeprefix("typing.")
        yield f"{name}: {kind}{default}"


def _markdown(docstring: str) -> Iterator[str]:
    """Yield a docstring of Google's style as blocks of Markdown."""
    for block in docstring.replace("``", "`").split("\n\n"):
        heading, _, rest = block.partition("\n")
        if heading in ("Args:", "Raises:"):
            entries = re.split(r"\n    (?=\S)", "\n" + rest)[1:]
            lines = (" ".join(entry.split()).partition(": ") for entry in entries)
            verb = "raises " if heading == "Raises:" else ""
            yield "\n".join(f"- {verb}`{name}`: {text}" for name, _, text in lines)
        else:
            yield block

"""Prompt strategies: folders with a prompt.toml, the template of a request.

    strategies/chat/NAME/prompt.toml          about, and turns: see ``strategy_turns``
    strategies/completion/NAME/prompt.toml    about, text, suffix (optional)

Placeholders in turns or ``text`` mark where a problem's own texts go: ``{problem}``, its prompt, and those of
``placeholders``. They are replaced as plain text, so braces, dollars and percent signs in the examples need
no escaping. ``stop`` is a list of stop sequences, for experiments that have none of their own.
``postprocess`` (a name or a list of step names) defines what ``auto`` means for this strategy; if named steps
are not enough, a file ``postprocess.py`` beside it does, with one function
``postprocess(text, stub) -> text``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config import placeholders
from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.experiment_keys import POSTPROCESS_RULE
from pytest_humaneval.core.config.stops import STOP_RULE, check_stops
from pytest_humaneval.core.config.strategy_turns import TURN_RULES, examples_of, turns_of
from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api, Message, Request, Sampling

_ANY_API: Mapping[str, Rule] = {
    "about": Rule(
        (str,), "text", meaning="What the prompt does, for a person.", example='"Asks for a function."'
    ),
    "stop": replace(
        STOP_RULE,
        meaning="Texts at which an answer ends, for experiments without a `stop` of their own. Some servers "
        "take four at most.",
    ),
    "postprocess": replace(
        POSTPROCESS_RULE,
        meaning="What `auto` means for experiments with this prompt: the name of a post-processing, or a "
        "list of step names. A file `postprocess.py` beside it, with a function `postprocess(text, stub) -> "
        "text`, does the same; both at once are an error.",
    ),
}
_TEXT_RULES: Mapping[str, Rule] = {
    "text": Rule(
        (str,),
        "text",
        meaning="Required. The template of the text that the model continues. It holds one of the "
        "placeholders `{problem}`, `{buggy}`, `{prefix}` and `{docstring}`.",
        example='"{problem}"',
    ),
    "suffix": Rule(
        (str,),
        "text",
        meaning="The template of what stands after the completion, for servers whose completion API has a "
        "`suffix`. Without it, nothing is sent.",
        example='"{suffix}"',
    ),
}
PROMPT_RULES: Mapping[Api, Mapping[str, Rule]] = {
    "chat": {**_ANY_API, **TURN_RULES},
    "completion": {**_ANY_API, **_TEXT_RULES},
}
"""The keys of prompt.toml, by API."""


@dataclass(frozen=True)
class Strategy:
    """The template of a request.

    Attributes:
        about: what it does, for a person.
        turns: the turns of a chat, or the text to be completed as one of the user; they hold placeholders.
        examples: turns before the last one that are sent as they are.
        suffix: the template of what stands after the completion, for servers that fill in the middle by
            themselves; None for nothing.
        stop: where an answer stops, for experiments that do not say it themselves.
        postprocess: what ``auto`` means; None for what it means anywhere.
        postprocess_file: a file with the post-processing; None for none.
    """

    name: str
    api: Api
    about: str
    turns: tuple[Message, ...]
    examples: tuple[Message, ...] = ()
    suffix: str | None = None
    postprocess: str | tuple[str, ...] | None = None
    postprocess_file: Path | None = None
    stop: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        """All that holds placeholders, as one text."""
        return "\n".join([*(turn.content for turn in self.turns), *filter(None, [self.suffix])])

    def render(self, problem: Problem, model: str, sampling: Sampling, tail: PromptTail = "keep") -> Request:
        """Return the request for a problem, whose prompt ends as ``tail`` says."""
        *before, last = (
            replace(turn, content=placeholders.render(turn.content, problem, tail)) for turn in self.turns
        )
        suffix = None if self.suffix is None else placeholders.render(self.suffix, problem)
        return Request(model, self.api, (*before, *self.examples, last), sampling, suffix=suffix)


def read_strategy(folders: Sequence[Path], api: Api, name: str) -> Strategy:
    """Return the strategy with this name from the first of the folders that has it.

    Raises:
        ConfigError: no folder has it, or its prompt.toml is invalid.
    """
    for folder in folders:
        path = folder / api / name / "prompt.toml"
        if path.is_file():
            return _strategy(path, api, name)
    known = sorted({found.parent.name for folder in folders for found in folder.glob(f"{api}/*/prompt.toml")})
    paths = " or ".join(str(folder / api / name / "prompt.toml") for folder in folders)
    raise ConfigError(f"no {api} strategy is called {name!r}: there is no {paths}; {suggest(name, known)}")


def _strategy(path: Path, api: Api, name: str) -> Strategy:
    content = read_toml(path)
    check(content, PROMPT_RULES[api], str(path))
    check_stops(content.get("stop", ()), str(path))
    postprocess, own_file = content.get("postprocess"), path.with_name("postprocess.py")
    if postprocess is not None and own_file.is_file():
        raise ConfigError(f"{path}, postprocess: there is a {own_file.name} beside it; keep one of the two")
    return Strategy(
        name=name,
        api=api,
        about=content.get("about", ""),
        turns=turns_of(content, path) if api == "chat" else _text(content, path),
        examples=examples_of(content, path),
        suffix=content.get("suffix"),
        postprocess=tuple(postprocess) if isinstance(postprocess, list) else postprocess,
        postprocess_file=own_file if own_file.is_file() else None,
        stop=tuple(content.get("stop", ())),
    )


def _text(content: Mapping[str, Any], path: Path) -> tuple[Message, ...]:
    if "text" not in content:
        raise ConfigError(f"{path}: key 'text' is missing; write the template that holds {{problem}}")
    if mistake := placeholders.template_mistake(content["text"]):
        raise ConfigError(f"{path}, text: {mistake}")
    return (Message("user", content["text"]),)

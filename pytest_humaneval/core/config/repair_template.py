"""The template of a repair round: a file repair.toml beside a chat strategy's prompt.toml.

    strategies/chat/NAME/repair.toml          about, user

``user`` is the turn that follows an answer whose program fails an example. Its placeholders are replaced as
plain text and all at once, as those of prompt.toml are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.prompt_ending import PromptTail, with_tail

FILE = "repair.toml"
DEFAULT = "self_debug"
"""The strategy whose template is used where an experiment's own strategy has none."""

TEMPLATE_RULES: Mapping[str, Rule] = {
    "about": Rule(
        (str,), "text", meaning="What the turn does, for a person.", example='"Shows the failure."'
    ),
    "user": Rule(
        (str,),
        "text",
        meaning="Required. The template of the turn that follows an answer whose program fails an example. "
        "It holds `{failure}` exactly once.",
        example='"{failure}\\n\\nWrite the function again, corrected."',
    ),
}
"""The keys of repair.toml."""

PLACEHOLDERS: Mapping[str, str] = {
    "failure": "The first example that failed, and what the program gave instead; or why there was nothing "
    "to run.",
    "program": "The program that was run; the answer as it was where it holds none.",
    "problem": "The prompt.",
    "entry_point": "The name of the function.",
}
"""What each placeholder stands for."""

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")


@dataclass(frozen=True)
class RepairTemplate:
    """The template of a repair round.

    Attributes:
        strategy: the name of the strategy that it belongs to.
        template: the user's turn; it holds placeholders.
    """

    strategy: str
    template: str

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the template's text."""
        return hashlib.sha256(self.template.encode("utf-8")).hexdigest()

    def render(self, stub: Stub, program: str, failure: str, tail: PromptTail = "keep") -> str:
        """Return the user's turn for a problem, whose prompt ends as ``tail`` says."""
        texts = {
            "failure": failure,
            "program": program,
            "problem": with_tail(stub.prompt, tail),
            "entry_point": stub.entry_point,
        }
        return _PLACEHOLDER.sub(lambda found: texts[found[1]], self.template)


def read_repair_template(folders: Sequence[Path], own: str, named: str | None) -> RepairTemplate:
    """Return a chat strategy's template from the first of the folders that has it.

    Args:
        folders: where strategies are looked for.
        own: the experiment's own strategy; without a template of its own it has that of ``DEFAULT``.
        named: the strategy that the settings of the rounds name; None for the experiment's own.

    Raises:
        ConfigError: no folder has it, or it is invalid.
    """
    for name in (named,) if named else (own, DEFAULT):
        for folder in folders:
            path = folder / "chat" / name / FILE
            if path.is_file():
                return RepairTemplate(name, _template(path))
    wanted = named or DEFAULT
    known = sorted({found.parent.name for folder in folders for found in folder.glob(f"chat/*/{FILE}")})
    paths = " or ".join(str(folder / "chat" / wanted / FILE) for folder in folders)
    raise ConfigError(
        f"no chat strategy {wanted!r} has a {FILE}: there is no {paths}; {suggest(wanted, known)}"
    )


def _template(path: Path) -> str:
    content = read_toml(path)
    check(content, TEMPLATE_RULES, str(path))
    if "user" not in content:
        raise ConfigError(f"{path}: key 'user' is missing; write the template that holds {{failure}}")
    template = str(content["user"])
    found = _PLACEHOLDER.findall(template)
    if (count := found.count("failure")) != 1:
        raise ConfigError(
            f"{path}, user: the placeholder {{failure}} occurs {count} times; write it exactly once, where "
            "the failed example goes"
        )
    return template

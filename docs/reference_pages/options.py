"""The page of pytest's flags, and that of environment variables."""

from __future__ import annotations

import re
from dataclasses import fields

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.session.option_table import EXPERIMENT, INSTEAD, OPTIONS, SWITCHES, Option
from reference_pages.environment_variables import VARIABLES
from reference_pages.markdown import code, page, sentence, table
from reference_pages.option_details import DETAILS, GROUPS

_INTRO = """
Every flag of pytest that the plugin adds. `pytest --help` has the short form.

A flag that does not name what to run has two twins: a key in pytest's ini file, and an environment variable. The
command line wins, then the environment, then the ini file, then the experiment's own key in
[experiments.toml](experiments_toml.md). A relative path starts where pytest was called; in the ini file, at that file.
Below each flag's name stand how it is written, its key in the ini file, and its environment variable.
"""

_DEFAULT = re.compile(r"\s*\(default: (?P<value>[^()]*)\)")
_FIELDS = {part.name: part.default for part in fields(Settings)}


def options() -> str:
    """Return the page of flags.

    Raises:
        KeyError: a flag stands under no heading, or a heading names one that is not there.
    """
    known = {option.name: option for option in OPTIONS}
    described = {"experiment": EXPERIMENT, **SWITCHES, **INSTEAD}
    if left := (known.keys() | described) - {name for names in GROUPS.values() for name in names}:
        raise KeyError(f"flags without a heading in reference_pages/option_details.py: {', '.join(left)}")
    blocks = []
    for heading, names in GROUPS.items():
        blocks.append(f"## {heading}")
        blocks += [
            _option(known[name]) if name in known else _switch(name, described[name]) for name in names
        ]
    return page("Options", _INTRO, *blocks)


def _option(option: Option) -> str:
    text, default = _split(option.help.replace("%%", "%"))
    if default is None:
        own = _FIELDS[option.field]
        default = code(own) if isinstance(own, str) and own else "not set"
    value = f"[={option.metavar}]" if option.default is not None else f"={option.metavar}"
    twins = f" · `{option.ini_name}` · `{option.ini_name.upper()}`" if option.ini else ""
    return _entry(option.name, f"`--humaneval-{option.name}{value}`{twins}", text, default)


def _switch(name: str, text: str) -> str:
    value = "=NAME" if name == "experiment" else ""
    return _entry(name, f"`--humaneval-{name}{value}`", text, "")


def _entry(name: str, usage: str, text: str, default: str) -> str:
    lines = [f"### `--humaneval-{name}`", usage, sentence(text)]
    lines += [f"Default: {default}."] if default and default != "not set" else []
    return "\n\n".join([*lines, *([DETAILS[name]] if name in DETAILS else [])])


def _split(text: str) -> tuple[str, str | None]:
    """Return a flag's help without its default, and the default; None if it names none."""
    found = _DEFAULT.search(text)
    return (text, None) if found is None else (_DEFAULT.sub("", text), found["value"])


def environment() -> str:
    """Return the page of environment variables."""
    twins = [
        (
            code(option.ini_name.upper()),
            f"[`--humaneval-{option.name}`](options.md#--humaneval-{option.name})",
        )
        for option in OPTIONS
        if option.ini
    ]
    others = [(", ".join(map(code, names.split(", "))), meaning) for names, meaning in VARIABLES.items()]
    return page(
        "Environment variables",
        "Which environment variables the plugin reads.",
        "## Twins of flags",
        "The command line wins over them, and they win over the ini file.",
        table(("variable", "the same as"), twins),
        "## Others",
        table(("variable", "meaning"), others),
    )

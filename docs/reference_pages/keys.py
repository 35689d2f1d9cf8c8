"""The pages of the TOML files: every key with its type, its default, what it means, and an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from pytest_humaneval.core.config import placeholders, repair_template
from pytest_humaneval.core.config.embedded import EMBEDDED_RULES, ENGINES, Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.experiment_keys import WHAT_IS_DECIDED, WHAT_IS_RUN, WHAT_IS_VARIED
from pytest_humaneval.core.config.experiment_schema import BUILT_IN_PROVIDERS, ExperimentSchema
from pytest_humaneval.core.config.model_server import SERVER_RULES, Server
from pytest_humaneval.core.config.repair import REPAIR_RULES, Repair
from pytest_humaneval.core.config.repair_template import TEMPLATE_RULES
from pytest_humaneval.core.config.request_extras import CARRIED, EXTRAS, STREAM
from pytest_humaneval.core.config.sampling_keys import SAMPLING_RULES
from pytest_humaneval.core.config.strategy import PROMPT_RULES
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.extraction.repairs.single_problems import KnownFunction
from pytest_humaneval.core.extraction.steps import POSTPROCESSINGS, STEPS
from pytest_humaneval.core.records import Sampling
from pytest_humaneval.tuning.config import OPTIONS, RULES, TuningConfig
from reference_pages.key_texts import (
    EXPERIMENTS_EXAMPLE,
    EXPERIMENTS_INTRO,
    PROMPT_EXAMPLE,
    PROMPT_INTRO,
    REPAIR_EXAMPLE,
    REPAIR_INTRO,
    TRAINING_EXAMPLE,
    TRAINING_INTRO,
)
from reference_pages.markdown import code, fence, page, sentence, table

_TYPES = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    object: "a table",
}
Rules = Mapping[str, Rule]


def experiments_toml() -> str:
    """Return the page of experiments.toml."""
    provider = {"provider": ExperimentSchema().rules("server")["provider"]}
    blocks = [EXPERIMENTS_INTRO, fence(EXPERIMENTS_EXAMPLE, "toml")]
    blocks += ["## A server", "The keys of a table `[servers.NAME]`.", keys(SERVER_RULES, Server)]
    blocks += ["## What is run", "The keys of a table `[experiments.NAME]` begin here."]
    blocks += [keys({**provider, **WHAT_IS_RUN}, Experiment)]
    blocks += ["## Sampling", keys(SAMPLING_RULES, Sampling)]
    blocks += ["## What a request carries", keys({**EXTRAS, **STREAM}, Experiment), _carried()]
    blocks += ["## A model in this process", keys(EMBEDDED_RULES, Embedded), _engines()]
    blocks += ["## What is reported and demanded", keys(WHAT_IS_DECIDED, Experiment)]
    blocks += ["## Experiments made of others", keys(WHAT_IS_VARIED, Experiment)]
    blocks += ["## Repair rounds", "The keys of a table `[experiments.NAME.repair]`."]
    blocks += [keys(REPAIR_RULES, Repair), "## Post-processing", *_steps()]
    return page("experiments.toml", *blocks)


def prompt_toml() -> str:
    """Return the page of prompt.toml."""
    both = {key: rule for key, rule in PROMPT_RULES["chat"].items() if key in PROMPT_RULES["completion"]}
    chat = {key: rule for key, rule in PROMPT_RULES["chat"].items() if key not in both}
    completion = {key: rule for key, rule in PROMPT_RULES["completion"].items() if key not in both}
    blocks = [PROMPT_INTRO, fence(PROMPT_EXAMPLE, "toml"), "## Chat", keys(chat)]
    blocks += ["## Completion", keys(completion), "## Both", keys(both)]
    return page("prompt.toml", *blocks, "## Placeholders", _placeholders(placeholders.PLACEHOLDERS))


def repair_toml() -> str:
    """Return the page of repair.toml."""
    shown = _placeholders(repair_template.PLACEHOLDERS)
    example = fence(REPAIR_EXAMPLE, "toml")
    return page(
        "repair.toml", REPAIR_INTRO, example, "## Keys", keys(TEMPLATE_RULES), "## Placeholders", shown
    )


def adapter_training() -> str:
    """Return the page of a training's file."""
    own = {key for options in OPTIONS.values() for key in options}
    shared = {key: rule for key, rule in RULES.items() if key not in own}
    rows = [
        (code(method), ", ".join(f"{code(key)} ({_value(value)})" for key, value in options.items()))
        for method, options in OPTIONS.items()
    ]
    blocks = [TRAINING_INTRO, fence(TRAINING_EXAMPLE, "toml"), "## Every method", keys(shared, TuningConfig)]
    blocks += ["## By method", "Which method has which of these keys, and its default:"]
    blocks += [table(("method", "keys"), rows), keys({key: RULES[key] for key in RULES if key in own})]
    return page("The file of a training", *blocks)


def keys(rules: Rules, record: type | None = None) -> str:
    """Return an entry for each key, with the defaults of the record that they are read into.

    Raises:
        ValueError: a key says not what it means, or has no example.
    """
    defaults = {part.name: _given(part) for part in fields(record)} if record else {}
    for key, rule in rules.items():
        if not rule.meaning or not rule.example:
            raise ValueError(f"key {key!r}: its Rule has no meaning or no example")
    return "\n\n".join(_key(key, rule, _default(key, defaults)) for key, rule in rules.items())


def _key(key: str, rule: Rule, default: str) -> str:
    value = sentence(_type(rule) + (f"; {default}" if default else ""))
    return f"### {code(key)}\n\n{value} Example: {code(f'{key} = {rule.example}')}\n\n{rule.meaning}"


def _type(rule: Rule) -> str:
    if rule.expected.startswith("one of "):
        names, comma, rest = rule.expected.removeprefix("one of ").partition(", or")
        return f"one of {', '.join(map(code, names.split(', ')))}{comma}{rest}"
    if rule.expected.startswith(("a number", "a whole", "-1")):
        return rule.expected
    kinds = [each for each in rule.types if each is not int or float not in rule.types]
    return " or ".join(_TYPES[each] for each in kinds)


def _given(part: Field[Any]) -> object:
    """Return a field's default; MISSING if it has none."""
    return part.default if part.default_factory is MISSING else None


def _default(key: str, defaults: Mapping[str, Any]) -> str:
    value = defaults.get(key)
    if key in defaults and value is MISSING:
        return "required"
    return "" if value in (None, (), "", MISSING) else f"default {_value(value)}"


def _value(value: object) -> str:
    if value is None:
        return "none"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return code(f'"{text}"' if isinstance(value, str) else text)


def _carried() -> str:
    providers = [name for name in BUILT_IN_PROVIDERS if BUILT_IN_PROVIDERS[name].needs_strategy]
    rows = [
        (code(key), *("yes" if key in BUILT_IN_PROVIDERS[name].carried else "no" for name in providers))
        for key in (*(key for key in SAMPLING_RULES if key in CARRIED), *EXTRAS, *STREAM)
    ]
    text = "Which provider takes which of the keys that are sent only where they are given:"
    return f"{text}\n\n{table(('key', *map(code, providers)), rows)}"


def _engines() -> str:
    lines = [f"- `{name}` has {', '.join(map(code, known))}." for name, known in ENGINES.items()]
    lines += ["- `server` has, with an adapter of vectors, `model`: where its tokenizer and embeddings are."]
    text = "`embedded`, `vllm` and `server` take `adapter`. Of the others"
    return f"{text}\n\n" + "\n".join(lines)


def _steps() -> Iterator[str]:
    yield "The names that `postprocess` may have, and the steps that each stands for:"
    yield table(
        ("name", "steps"),
        [(code(name), ", ".join(map(code, steps)) or "none") for name, steps in POSTPROCESSINGS.items()],
    )
    yield (
        "Steps of the kind `format` are blind to the problem. Steps of the kind `repair` may change what the "
        "program does; what passes only by them is reported apart."
    )
    rows = [(code(step.name), step.kind, _first_line(step.apply)) for step in STEPS.values()]
    yield table(("step", "kind", "what it does"), rows)


def _first_line(apply: object) -> str:
    if isinstance(apply, KnownFunction):
        return f"In answers to `{apply.entry_point}`: {_first_line(apply.rewrite)}"
    return (inspect.getdoc(apply) or "").split("\n\n")[0].replace("``", "`")


def _placeholders(meanings: Mapping[str, str]) -> str:
    return table(
        ("placeholder", "stands for"), [(code(f"{{{key}}}"), text) for key, text in meanings.items()]
    )

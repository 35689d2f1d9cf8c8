"""Check the arguments of the public functions, so that every mistake is one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.settings import ISOLATIONS, LONGEST_TIMEOUT_S, SAMPLE_FIELDS
from pytest_humaneval.core.config.toml_schema import Rule, check
from pytest_humaneval.core.config.url import is_http_url
from pytest_humaneval.core.config.ways import WAYS, are_ways, ways_of

_TEXT = (str,)
_PATH = (str, Path)
_NONE = type(None)
_COUNT = Rule((int, _NONE), "a whole number of at least 1", lambda value: value is None or value >= 1)

_RULES = {
    "name": Rule(_TEXT, "the name of an experiment", bool),
    "config": Rule(_PATH, "the path of an experiments file"),
    "tasks": Rule(_TEXT, "text such as '17', '0-9,32' or 'HumanEval/17'"),
    "max_problems": _COUNT,
    "dataset": Rule(
        _PATH, "'humaneval', another dataset's name, or the path of a file", lambda it: str(it) != ""
    ),
    "samples": Rule(_PATH, "the path of a samples file"),
    "samples_field": Rule(
        _TEXT,
        f"one of {', '.join(SAMPLE_FIELDS)}",
        lambda value: value in SAMPLE_FIELDS,
    ),
    "n": _COUNT,
    "select": Rule(
        (str, list, tuple),
        f"one of {', '.join(WAYS)}, or a list of them",
        lambda value: all(isinstance(way, str) for way in value) and are_ways(ways_of(value)),
    ),
    "timeout_s": Rule(
        (int, float),
        f"a number of seconds above 0, at most {LONGEST_TIMEOUT_S}",
        lambda value: 0 < value <= LONGEST_TIMEOUT_S,
    ),
    "jobs": _COUNT,
    "base_url": Rule(_TEXT, "a URL such as 'http://localhost:8001/v1'", is_http_url),
    "cache": Rule(_PATH, "a folder, 'redis://...' or 'off'"),
    "isolation": Rule(_TEXT, f"one of {', '.join(ISOLATIONS)}", lambda value: value in ISOLATIONS),
    "sandbox": Rule(_TEXT, "the name of a sandbox, or 'ray://HOST:PORT'"),
    "progress": Rule((object,), "a function that takes how far it is", callable),
    "code": Rule((str, _NONE), "the text of a whole program"),
    "postprocess": Rule(
        (str, list, tuple),
        "the name of a post-processing, or a list of step names",
        lambda value: all(isinstance(part, str) for part in value),
    ),
    "text": Rule(_TEXT, "a model's text"),
    "task_id": Rule((str, int), "a task id, its number or an entry point's name"),
    "report": Rule(_PATH, "the path of a JSON report"),
}


_OF_EVALUATE = {
    **_RULES,
    "timeout_s": Rule(
        (int, float, str),
        f"{_RULES['timeout_s'].expected}, or 'auto'",
        lambda value: value == "auto" or _RULES["timeout_s"].allows(value),
    ),
}


def check_arguments(function: str, arguments: Mapping[str, Any]) -> None:
    """Check what a function was called with.

    Raises:
        ConfigError: a value cannot be used; one line names the function, the argument and what is expected.
    """
    check(arguments, _OF_EVALUATE if function == "evaluate" else _RULES, function)

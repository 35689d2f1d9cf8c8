"""The page of the JSON report, from its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_humaneval.reports.json_report import SCHEMA
from reference_pages.markdown import code, page, sentence, table

_INTRO = """
What `--humaneval-report PATH` writes: everything about a run, for programs. With `--json-report` the same stands in
pytest-json-report's file, under the key `humaneval`.

`pytest_humaneval/reports/report.schema.json` is a JSON schema (draft 2020-12) of it, and this page is made of that. A
later version may add keys; a key that is here keeps its meaning. A key that is not *always there* is left out where it
would say nothing. `null` is a value that is not known.
"""

Schema = Mapping[str, Any]


def json_report() -> str:
    """Return the page."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    blocks = [_INTRO, "## The report", _keys(schema)]
    for name, part in schema["$defs"].items():
        blocks += [f"## {name}", sentence(part["description"]), _keys(part)]
    return page("The JSON report", *blocks)


def _keys(schema: Schema) -> str:
    return table(("key", "value", "always there", "meaning"), _rows(schema, ""))


def _rows(schema: Schema, before: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each property, followed by those of an object that it is or holds.

    Raises:
        KeyError: a property has neither a description nor a definition.
    """
    for name, part in schema["properties"].items():
        always = "yes" if name in schema.get("required", ()) else ""
        meaning = f"see {_type(part)}" if "$ref" in part else part["description"]
        yield code(f"{before}{name}"), _type(part), always, sentence(part.get("description", meaning))
        if "properties" in part:
            yield from _rows(part, f"{before}{name}.")
        elif "properties" in part.get("items", {}):
            yield from _rows(part["items"], f"{before}{name}[].")


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return ", ".join(code(str(value)) if value is not None else "null" for value in schema["enum"])
    kinds = schema.get("type", [])
    named = [_named(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(named)


def _named(kind: str, schema: Schema) -> str:
    if kind == "array" and "items" in schema:
        count = f" ({schema['minItems']})" if schema.get("minItems") else ""
        return f"list{count} of {_type(schema['items'])}"
    if kind == "array":
        return "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    if kind == "number" and schema.get("maximum") == 1:
        return f"number from {schema['minimum']} to 1"
    return {"integer": "whole number", "string": "text", "boolean": "true or false"}.get(kind, kind)

"""The key ``extends`` of experiments.toml: an experiment that says only what differs from another one.

What is said of one experiment's result is its own and never inherited: ``enabled``, ``published``,
``baseline`` and ``fail_under``. An experiment with another provider does not inherit where its model is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.embedded import EMBEDDED_RULES
from pytest_humaneval.core.config.experiment_schema import ExperimentSchema
from pytest_humaneval.core.errors import ConfigError

Table = Mapping[str, Any]
"""An experiment's keys and values, as the file has them."""

_ITS_OWN = frozenset({"enabled", "published", "baseline", "fail_under"})
_PLACE_OF_THE_MODEL = frozenset({"server", *EMBEDDED_RULES})


def inherited(tables: Mapping[str, Table], schema: ExperimentSchema, file: str) -> dict[str, Table]:
    """Return each experiment's table with what it inherits, and without the key ``extends``.

    Args:
        tables: the tables by the experiments' names.
        schema: what they may say.
        file: the file's name, for a message.

    Raises:
        ConfigError: an experiment extends one that is not there, or in the end itself.
    """
    return {name: _whole(name, tables, schema, file, ()) for name in tables}


def _whole(
    name: str, tables: Mapping[str, Table], schema: ExperimentSchema, file: str, seen: tuple[str, ...]
) -> Table:
    where = f'{file}: experiment "{name}", extends'
    own = {key: value for key, value in tables[name].items() if key != "extends"}
    base = tables[name].get("extends")
    if base is None:
        return own
    if not isinstance(base, str):
        raise ConfigError(f"{where}: found {base!r}, expected the name of another experiment")
    if base not in tables:
        raise ConfigError(f"{where}: no experiment is called {base!r}; {suggest(base, tables)}")
    chain = (*seen, name)
    if base in chain:
        circle = " extends ".join((*chain[chain.index(base) :], base))
        raise ConfigError(f"{where}: {circle}, which is a circle; let one of them say everything itself")
    return {**_passed_on(_whole(base, tables, schema, file, chain), own, schema), **own}


def _passed_on(base: Table, own: Table, schema: ExperimentSchema) -> dict[str, Any]:
    """Return what of a table another one inherits that has these keys of its own."""
    left = set(_ITS_OWN)
    provider = base.get("provider", "server")
    if own.get("provider", provider) != provider:
        rules = schema.providers.get(provider)
        left |= _PLACE_OF_THE_MODEL | set(rules.keys if rules else ())
    if "matrix" in own:
        # What is excluded is excluded from the matrix beside it.
        left.add("exclude")
    return {key: value for key, value in base.items() if key not in left}

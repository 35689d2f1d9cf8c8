"""Studies: one table of experiments.toml that stands for many experiments.

    [experiments.study]
    server = "instruct"
    matrix = {strategy = ["fewshot_v1", "fewshot_v1_cot"], temperature = [0.0, 0.2]}
    exclude = [{strategy = "fewshot_v1_cot", temperature = 0.2}]

Each key of the matrix is a factor and its list the levels. Every combination that is not excluded is an
experiment, called for instance ``study[fewshot_v1,t=0.2]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.experiment_schema import NO_FACTORS, ExperimentSchema
from pytest_humaneval.core.config.level_text import in_a_name, level_text
from pytest_humaneval.core.config.toml_schema import as_table, check
from pytest_humaneval.core.errors import ConfigError

MOST_EXPERIMENTS = 1000
"""The most experiments of a study."""

_Table = Mapping[str, Any]
_Matrix = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Place:
    """The place of an experiment in its study.

    Attributes:
        study: the study's name.
        levels: the experiment's level of each factor, in the order of the matrix.
        factors: all levels of each factor in that order; what others are compared with is the first one.
    """

    study: str
    levels: Mapping[str, str]
    factors: Mapping[str, tuple[str, ...]]

    @property
    def label(self) -> str:
        """What stands in the brackets of the experiment's name."""
        return ",".join(in_a_name(factor, text) for factor, text in self.levels.items())

    @property
    def name(self) -> str:
        """The experiment's name."""
        return f"{self.study}[{self.label}]"


def experiments_of(
    name: str, table: _Table, schema: ExperimentSchema, where: str
) -> Iterator[tuple[Place, _Table]]:
    """Yield each experiment of a study: its place, and its table.

    Args:
        name: the study's name.
        table: the study's table, with what it inherits; its matrix replaces the same keys there.
        schema: what an experiment may say.
        where: what a message begins with.

    Raises:
        ConfigError: the matrix, what is excluded or the published scores are not as they must be.
    """
    matrix = _matrix(table, schema, where)
    factors = _factors(matrix, where)
    excluded = _excluded(table.get("exclude", []), matrix, where)
    shared = {key: value for key, value in table.items() if key not in ("matrix", "exclude", "published")}
    found = []
    for values in product(*matrix.values()):
        combination = dict(zip(matrix, values, strict=True))
        if not any(_is_in(combination, rule) for rule in excluded):
            levels = {factor: level_text(value) for factor, value in combination.items()}
            found.append((Place(name, levels, factors), {**shared, **combination}))
    if not found:
        raise ConfigError(f"{where}, exclude: it leaves no experiment of the matrix; remove a rule")
    published = _published(table.get("published"), name, [place.label for place, _ in found], where)
    for place, own in found:
        yield place, {**own, **published.get(place.label, {})}


def _matrix(table: _Table, schema: ExperimentSchema, where: str) -> _Matrix:
    """Return the matrix, its factors and levels checked as an experiment's keys and values are."""
    matrix = as_table(table["matrix"], f"{where}, matrix")
    if not matrix:
        raise ConfigError(f"{where}, matrix: it is empty; write factors, such as temperature = [0.0, 0.2]")
    providers = _levels(matrix, "provider") or [table.get("provider", "server")]
    rules = {key: rule for provider in providers for key, rule in schema.rules(provider).items()}
    for factor in matrix:
        if factor in NO_FACTORS:
            raise ConfigError(f"{where}, matrix: {factor!r} cannot differ within a study; write it beside it")
        levels = _levels(matrix, factor)
        if factor not in rules:
            raise ConfigError(f"{where}, matrix: unknown factor {factor!r}; {suggest(factor, rules)}")
        if not levels:
            raise ConfigError(
                f"{where}, matrix, {factor}: found {matrix[factor]!r}, expected a list of at least one value"
            )
        for level in levels:
            check({factor: level}, rules, f"{where}, matrix")
    if (count := prod(map(len, matrix.values()))) > MOST_EXPERIMENTS:
        raise ConfigError(f"{where}, matrix: it makes {count:,} experiments; at most {MOST_EXPERIMENTS:,}")
    return matrix


def _levels(matrix: _Table, factor: str) -> Sequence[Any]:
    levels = matrix.get(factor, [])
    return levels if isinstance(levels, list) else []


def _factors(matrix: _Matrix, where: str) -> dict[str, tuple[str, ...]]:
    """Return the text of each factor's levels, no two of which may be the same."""
    factors = {factor: tuple(map(level_text, levels)) for factor, levels in matrix.items()}
    for factor, texts in factors.items():
        for place, text in enumerate(texts):
            if text in texts[:place]:
                same = (matrix[factor][texts.index(text)], matrix[factor][place])
                raise ConfigError(
                    f"{where}, matrix, {factor}: {same[0]!r} and {same[1]!r} would have one name, {text!r}; "
                    "keep one of them"
                )
    return factors


def _excluded(rules: object, matrix: _Matrix, where: str) -> Sequence[_Table]:
    if not isinstance(rules, list):
        raise ConfigError(f"{where}, exclude: found {rules!r}, expected a list of tables of factors")
    for index, rule in enumerate(rules):
        place = f"{where}, exclude[{index}]"
        if not as_table(rule, place):
            raise ConfigError(f"{place}: it is empty and would exclude everything; write factors")
        for factor, value in rule.items():
            if factor not in matrix:
                raise ConfigError(
                    f"{place}: {factor!r} is no factor of the matrix; {suggest(factor, matrix)}"
                )
            if not any(_is_same(value, level) for level in matrix[factor]):
                known = ", ".join(map(repr, matrix[factor]))
                raise ConfigError(f"{place}, {factor}: found {value!r}, expected one of {known}")
    return rules


def _is_in(combination: _Table, rule: _Table) -> bool:
    return all(_is_same(combination[factor], value) for factor, value in rule.items())


def _is_same(one: object, other: object) -> bool:
    # In Python True equals 1.
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _published(value: object, name: str, labels: Sequence[str], where: str) -> Mapping[str, _Table]:
    """Return the published score of each experiment that has one, by what stands in its brackets."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(
            f"{where}, published: found {value!r}, expected a table with the scores of the experiments, "
            f'such as {{"{labels[0]}" = 0.5}}'
        )
    for label in value:
        if label not in labels:
            raise ConfigError(
                f"{where}, published: no experiment is called {name}[{label}]; {suggest(label, labels)}"
            )
    return {label: {"published": score} for label, score in value.items()}

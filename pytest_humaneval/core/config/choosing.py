"""Which experiments are run: names, comma lists and globs of ``--humaneval-experiment``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.errors import ConfigError

# A comma inside brackets is part of a name: study[minimal,t=0.2]
_PART = re.compile(r"(?:\[[^\]]*\]|[^,])+")
_OF_A_STUDY = re.compile(r"([^\[]+)\[(.*)\]")


def choose(experiments: Mapping[str, Experiment], patterns: Sequence[str], source: Path) -> list[Experiment]:
    """Return the experiments selected by names, comma lists, globs or ``all``, each once, in that order.

    The name of a study, and ``study[GLOB]``, select experiments of the study. Globs and ``all`` skip
    experiments that are not enabled; an exact name, also a study's, does not.

    Raises:
        ConfigError: a name or glob matches nothing.
    """
    chosen: dict[str, Experiment] = {}
    for pattern in _parts(patterns):
        found = _matching(experiments, pattern)
        if not found:
            raise ConfigError(f"{source}: {_not_found(experiments, pattern)}")
        chosen.update((experiment.name, experiment) for experiment in found)
    if not chosen:
        raise ConfigError(f"--humaneval-experiment: no name given; {source} knows: {', '.join(experiments)}")
    return list(chosen.values())


def _not_found(experiments: Mapping[str, Experiment], pattern: str) -> str:
    """Return why a pattern selects nothing."""
    if left_out := [name for name in experiments if fnmatchcase(name, pattern)]:
        return f"{pattern!r} matches only experiments that are not enabled; name one, such as {left_out[0]!r}"
    studies = [each.place.study for each in experiments.values() if each.place]
    return f"no experiment is called {pattern!r}; {suggest(pattern, dict.fromkeys([*experiments, *studies]))}"


def _parts(patterns: Sequence[str]) -> Iterator[str]:
    for text in patterns:
        yield from (part for found in _PART.findall(text) if (part := found.strip()))


def _matching(experiments: Mapping[str, Experiment], pattern: str) -> list[Experiment]:
    if pattern in experiments:
        return [experiments[pattern]]
    if found := list(_of_a_study(experiments, pattern)):
        return found
    # fnmatchcase, not fnmatch: that one ignores case on Windows, so a study would differ between machines.
    glob = "*" if pattern == "all" else pattern
    return [found for name, found in experiments.items() if found.enabled and fnmatchcase(name, glob)]


def _of_a_study(experiments: Mapping[str, Experiment], pattern: str) -> Iterator[Experiment]:
    """Yield the experiments of ``study`` or ``study[GLOB]``; to fnmatch the latter's brackets are a set."""
    within = _OF_A_STUDY.fullmatch(pattern)
    study, glob = within.groups() if within else (pattern, "*")
    for experiment in experiments.values():
        place = experiment.place
        if place and place.study == study and fnmatchcase(place.label, glob):
            yield experiment

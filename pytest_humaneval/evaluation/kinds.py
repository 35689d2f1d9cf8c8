"""Kinds of providers, sandboxes and stores: what a plan opens by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_humaneval.core.config.experiment_schema import ProviderRules
from pytest_humaneval.core.ports import OpenStore, Provider
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.sandbox import SANDBOXES, SandboxKind
from pytest_humaneval.store.open_store import STORES

OpenProvider = Callable[[ResolvedExperiment, Mapping[str, Problem]], Provider]
"""Opens the provider of an experiment, which is to complete draws of these problems, given by task id."""


@dataclass(frozen=True)
class ProviderKind:
    """A kind of provider.

    Attributes:
        open: opens one.
        rules: what an experiment with it may and must say.
        is_stored: whether its completions are kept in the store.
    """

    open: OpenProvider
    rules: ProviderRules
    is_stored: bool = True


@dataclass(frozen=True)
class Kinds:
    """All kinds by name; stores by the scheme of their URL."""

    providers: Mapping[str, ProviderKind] = field(default_factory=dict)
    sandboxes: Mapping[str, SandboxKind] = field(default_factory=lambda: SANDBOXES)
    stores: Mapping[str, OpenStore] = field(default_factory=lambda: STORES)

"""The registry: through it come all things that experiments and flags can name.

Built-in ones come through the same methods as those of other plugins; see ``builtin`` and ``hookspecs``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from pytest_humaneval.core.config.experiment_schema import (
    OWN_KEYS,
    SHARED_KEYS,
    ExperimentSchema,
    ProviderRules,
)
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.errors import ConfigError, HumanEvalError, ProviderError, SandboxError
from pytest_humaneval.core.extraction.steps import Apply, Step
from pytest_humaneval.core.ports import OpenSandbox, OpenStore, Report
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import StepKind
from pytest_humaneval.evaluation.entries import Entries
from pytest_humaneval.evaluation.kinds import Kinds, OpenProvider, ProviderKind
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.sandbox import SandboxKind

BUILT_IN = "pytest-humaneval"
"""The plugin that the built-in entries come from."""

OpenReport = Callable[[Plan, "Path | None"], "Report | None"]
"""Opens a report of a plan, to be written to the path that ``--humaneval-write`` gives it (None: it gives
none); returns None where this run does not want it."""

Keys = Mapping[str, Rule]
"""Keys that an entry adds to the tables of experiments.toml, each with its rule."""

_NO_KEYS: Keys = {}
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Registry:
    """What there is of each kind, by name.

    Every method raises ConfigError if the name, or one of the ``keys``, is taken.

    Attributes:
        steps: steps of post-processing.
        datasets: each with the function that reads it.
        reports: each with the function that opens it.
    """

    def __init__(self) -> None:
        self._plugin = BUILT_IN
        self._providers = Entries[ProviderKind]("provider")
        self._sandboxes = Entries[SandboxKind]("sandbox")
        self._stores = Entries[OpenStore]("store")
        self._keys = Entries[Rule]("key")
        self.steps = Entries[Step]("step")
        self.datasets = Entries[Callable[[], Dataset]]("dataset")
        self.reports = Entries[OpenReport]("report")

    @property
    def kinds(self) -> Kinds:
        """What a plan opens by name."""
        return Kinds(self._providers, self._sandboxes, self._stores)

    @property
    def schema(self) -> ExperimentSchema:
        """What the table of an experiment may say."""
        rules = {name: kind.rules for name, kind in self._providers.items()}
        return ExperimentSchema(rules, self._keys)

    @contextmanager
    def adding(self, plugin: str) -> Iterator[None]:
        """Have what is added meanwhile come from a plugin.

        Raises:
            ConfigError: whatever went wrong meanwhile; the message names the plugin.
        """
        before, self._plugin = self._plugin, plugin
        try:
            yield
        except ConfigError as error:
            raise ConfigError(f"plugin {plugin!r}: {error}") from error
        except Exception as error:
            raise ConfigError(
                f"plugin {plugin!r}: pytest_humaneval_register failed ({type(error).__name__}: {error})"
            ) from error
        finally:
            self._plugin = before

    def provider(
        self,
        name: str,
        open_provider: OpenProvider,
        *,
        keys: Keys = _NO_KEYS,
        needs_strategy: bool = True,
        is_stored: bool = True,
        carried: Collection[str] = (),
    ) -> None:
        """Add a value of the key ``provider``.

        Args:
            name: the value.
            open_provider: opens the provider of an experiment; the values of ``keys`` are in
                ``resolved.experiment.added``.
            keys: keys that only experiments with this provider have.
            needs_strategy: whether it is sent prompts, which a strategy renders.
            is_stored: whether its completions are kept in the store, to be found again by the model's name,
                the request and the values of ``keys``.
            carried: which of the keys ``min_p``, ``logit_bias`` and so on (``request_extras.CARRIED``) it
                takes from the requests that it is given; an experiment with another of them is refused.
        """
        self._check_keys(keys, SHARED_KEYS)
        opened = self._guarded(open_provider, f"provider {name!r}", ProviderError)
        rules = ProviderRules(keys, needs_strategy, frozenset(carried))
        self._providers.add(name, ProviderKind(opened, rules, is_stored), self._plugin)

    def dataset(self, name: str, read: Callable[[], Dataset], *, keys: Keys = _NO_KEYS) -> None:
        """Add a value of ``--humaneval-dataset``; ``read`` returns the dataset."""
        self._add_keys(keys)
        self.datasets.add(name, self._guarded(read, f"dataset {name!r}", ConfigError), self._plugin)

    def sandbox(
        self, name: str, open_sandbox: OpenSandbox, *, takes_address: bool = False, keys: Keys = _NO_KEYS
    ) -> None:
        """Add a value of ``--humaneval-sandbox``.

        Args:
            name: the value.
            open_sandbox: called with the limits, the number of jobs (None: all cores), the isolation (see
                ``settings.ISOLATIONS``) and the address; returns the sandbox, ready to judge.
            takes_address: whether the value may be ``NAME://ADDRESS``.
            keys: keys that every experiment may have.
        """
        self._add_keys(keys)
        opened = self._guarded(open_sandbox, f"sandbox {name!r}", SandboxError)
        self._sandboxes.add(name, SandboxKind(opened, takes_address), self._plugin)

    def store(self, scheme: str, open_store: OpenStore, *, keys: Keys = _NO_KEYS) -> None:
        """Add a kind of completion store: ``open_store`` opens that of a URL ``SCHEME://...``."""
        self._add_keys(keys)
        self._stores.add(scheme, self._guarded(open_store, f"store {scheme!r}", ConfigError), self._plugin)

    def report(self, name: str, open_report: OpenReport, *, keys: Keys = _NO_KEYS) -> None:
        """Add a report, which is opened before a run and written at its end."""
        self._add_keys(keys)
        self.reports.add(name, self._guarded(open_report, f"report {name!r}", ConfigError), self._plugin)

    def step(self, name: str, apply: Apply, *, kind: StepKind = "repair", keys: Keys = _NO_KEYS) -> None:
        """Add a step of post-processing, to be named in the list of an experiment's ``postprocess``.

        Args:
            name: its name.
            apply: called with the text so far and the stub (prompt and entry point); returns the new text.
            kind: ``format`` for one that is blind to the problem, which is checked before it is used;
                ``repair`` for one that may change what the code does: its passes are reported apart.
            keys: keys that every experiment may have.

        Raises:
            ConfigError: the name or a key is taken, or the function takes something else.
        """
        _check_is_blind(name, apply)
        self._add_keys(keys)
        origin = "" if self._plugin == BUILT_IN else f"plugin {self._plugin!r}"
        self.steps.add(name, Step(name, kind, apply, origin), self._plugin)

    def _check_keys(self, keys: Keys, taken: frozenset[str]) -> None:
        for key in keys:
            if key in taken or key in self._keys:
                raise ConfigError(f"experiments have a key {key!r} already; choose another name")

    def _add_keys(self, keys: Keys) -> None:
        self._check_keys(keys, OWN_KEYS)
        for key, rule in keys.items():
            self._keys.add(key, rule, self._plugin)

    def _guarded(
        self, function: Callable[_P, _R], what: str, raised: type[HumanEvalError]
    ) -> Callable[_P, _R]:
        """Return a function of another plugin so that its mistakes are one line that names the plugin."""
        plugin = self._plugin
        if plugin == BUILT_IN:
            return function

        @wraps(function)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                return function(*args, **kwargs)
            except HumanEvalError:
                raise
            except Exception as error:
                raise raised(
                    f"{what} of plugin {plugin!r} cannot be opened ({type(error).__name__}: {error})"
                ) from error

        return guarded


def _check_is_blind(name: str, apply: Apply) -> None:
    """Refuse a function that wants to see more than a step may."""
    try:
        inspect.signature(apply).bind("", Stub("", ""))
    except (TypeError, ValueError):
        found = inspect.signature(apply)
        raise ConfigError(
            f"step {name!r}: a step is called with the text and the stub (prompt, entry point) and sees "
            f"nothing else of a problem; found a function that takes {found}"
        ) from None

"""Other plugins: what they add to the registry, and the calls by which they hear of an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation import builtin
from pytest_humaneval.evaluation.counted_provider import OnRequest
from pytest_humaneval.evaluation.registry import BUILT_IN, Registry
from pytest_humaneval.session.state import REGISTRY

Call = Callable[..., object]
"""Calls one plugin's implementation of a hook, with the hook's arguments by name."""


class BuiltInPlugin:
    """The plugin by which everything that comes with the package is added."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_humaneval_register(self, registry: Registry) -> None:
        """Add it, before any other plugin adds anything."""
        builtin.register(registry)


def registry_of(config: pytest.Config) -> Registry:
    """Return the registry of a session, with what all plugins add; made at the first call.

    Raises:
        pytest.UsageError: a plugin cannot add what it wants to; one line names the plugin.
    """
    if REGISTRY not in config.stash:
        config.stash[REGISTRY] = _make_registry(config)
    return config.stash[REGISTRY]


def _make_registry(config: pytest.Config) -> Registry:
    manager, registry = config.pluginmanager, Registry()
    manager.register(BuiltInPlugin(), BUILT_IN)
    try:
        for plugin, call in _implementations(manager, "pytest_humaneval_register"):
            with registry.adding(plugin):
                call(registry=registry)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    return registry


class Listeners:
    """The plugins that implement a hook by which they hear of something.

    A call reaches each of them; what one raises becomes a warning that names it, and the others are called
    all the same. False where nobody listens.
    """

    def __init__(self, config: pytest.Config, hook: str, warn: Callable[[str], None]) -> None:
        """Find the plugins that implement ``hook``; ``warn`` takes a line."""
        self._hook, self._warn = hook, warn
        self._calls = list(_implementations(config.pluginmanager, hook))

    def __bool__(self) -> bool:
        return bool(self._calls)

    def __call__(self, **arguments: object) -> None:
        """Call every listener."""
        for plugin, call in self._calls:
            self._call(plugin, call, arguments)

    def _call(self, plugin: str, call: Call, arguments: dict[str, object]) -> None:
        try:
            call(**arguments)
        # A plugin may end the session on purpose.
        except pytest.exit.Exception:
            raise
        except Exception as error:
            self._warn(f"plugin {plugin!r}: {self._hook} failed ({type(error).__name__}: {error})")


def on_request(config: pytest.Config, warn: Callable[[str], None]) -> OnRequest:
    """Return what lets plugins hear of a request; ``warn`` takes a line where one of them fails."""
    listeners = Listeners(config, "pytest_humaneval_request", warn)
    if not listeners:
        return lambda _name, _draw: None
    return lambda name, draw: listeners(experiment=name, draw=draw)


def _implementations(manager: pytest.PytestPluginManager, hook: str) -> Iterator[tuple[str, Call]]:
    """Yield each plugin that implements a hook, and what calls it alone, in the order of pluggy's calls.

    One by one, since pluggy stops at the first exception and does not say whose it is.
    """
    found = list(reversed(getattr(manager.hook, hook).get_hookimpls()))
    for implementation in found:
        others = [each.plugin for each in found if each.plugin is not implementation.plugin]
        yield implementation.plugin_name, manager.subset_hook_caller(hook, others)

"""What every test may use: pytester, whole evaluations, model servers, engines, sandboxes, and a browser."""

import pytest

pytest_plugins = [
    "pytester",
    "tests.support.evaluating",
    "tests.support.serving",
    "tests.support.redis_serving",
    "tests.support.mlflow_serving",
    "tests.support.ollama_stub",
    "tests.support.engines",
    "tests.support.browsing",
    "tests.support.pages",
    "tests.support.sandbox.sandboxes",
]

STARTS_PROGRAMS = frozenset(
    {"browser", "judge", "local_ray", "ollama", "pytester", "redis_server", "sandbox", "stub_server", "wheel"}
)
"""Fixtures that start processes, also in the name of others: a test that uses one takes seconds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start programs as slow: ``-m "not slow"`` leaves them out."""
    for item in items:
        if STARTS_PROGRAMS & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")

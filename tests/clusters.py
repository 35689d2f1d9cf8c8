"""Ray clusters on this machine, for tests: several nodes are several of Ray's process families."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: the extra 'ray'")


@pytest.fixture(scope="module")
def quiet_ray() -> Iterator[None]:
    """Let Ray speak to nobody, ask for no token, and leave the tests' processes alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        before = signal.getsignal(signal.SIGTERM)
        yield
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def local_ray(quiet_ray: None) -> Iterator[None]:  # noqa: ARG001 (for its effect)
    """Connect this process to a cluster of one node that takes more jobs than this machine has cores."""
    import ray

    ray.init(num_cpus=8, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def cluster(quiet_ray: None) -> Iterator[Any]:  # noqa: ARG001 (for its effect)
    """A cluster whose head has no CPUs; ``a_node`` adds those that judge."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        patch.setenv("RAY_ADDRESS", made.address)
        yield made
        made.shutdown()


@contextmanager
def a_node(cluster: Any) -> Iterator[Any]:
    """Add a node of one CPU for as long as the context lasts, or until ``lose`` is called."""
    node = cluster.add_node(num_cpus=1)
    try:
        yield node
    finally:
        if node in cluster.worker_nodes:
            cluster.remove_node(node)


def lose(cluster: Any, node: Any) -> None:
    """Kill all of a node at once, as a power cut does."""
    cluster.remove_node(node, allow_graceful=False)


def environment() -> dict[str, str]:
    """Return the environment in which a process of its own finds the cluster."""
    return dict(os.environ)

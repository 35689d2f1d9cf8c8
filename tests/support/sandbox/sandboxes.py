"""Fixtures: the name of every sandbox in turn, and Ray clusters whose nodes are processes of this machine."""

from __future__ import annotations

import importlib.util
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from pytest_humaneval.sandbox import SANDBOXES

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: the extra 'ray'")


@pytest.fixture(scope="module")
def quiet_ray() -> Iterator[None]:
    """Keep Ray from reporting usage, asking for a token, and changing this process's signals and debugger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        # Ray sets it; the context restores it.
        patch.setenv("PYTHONBREAKPOINT", "")
        before = signal.getsignal(signal.SIGTERM)
        yield
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def local_ray(quiet_ray: None) -> Iterator[None]:  # noqa: ARG001 (for its effect)
    """Connect this process to a cluster of one node that takes more jobs than this machine has cores."""
    import ray

    ray.init("local", num_cpus=8, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


class RayNodes:
    """A cluster whose head has no CPUs, so that only the nodes that are added judge."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        client_port = free_port()
        head = {"num_cpus": 0, "include_dashboard": False, "ray_client_server_port": client_port}
        with warnings.catch_warnings():
            # Ray does not close its log files.
            warnings.simplefilter("ignore", ResourceWarning)
            self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address: str = self._cluster.address
        self.client_address = f"ray://127.0.0.1:{client_port}"

    @contextmanager
    def added(self) -> Iterator[object]:
        """Add a node of one CPU for as long as the context lasts, or until it is lost."""
        node = self._cluster.add_node(num_cpus=1)
        try:
            yield node
        finally:
            if node in self._cluster.worker_nodes:
                self._cluster.remove_node(node)

    def lose(self, node: object) -> None:
        """Kill all of a node at once, as a power cut does."""
        self._cluster.remove_node(node, allow_graceful=False)

    def close(self) -> None:
        """End all nodes."""
        self._cluster.shutdown()


@pytest.fixture(scope="module")
def cluster(quiet_ray: None) -> Iterator[RayNodes]:  # noqa: ARG001 (for its effect)
    """A cluster that RAY_ADDRESS names, so that Ray finds it by default."""
    with pytest.MonkeyPatch.context() as patch, closing(RayNodes()) as nodes:
        patch.setenv("RAY_ADDRESS", nodes.address)
        yield nodes


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=needs_ray) if name == "ray" else name for name in sorted(SANDBOXES)],
)
def sandbox_name(request: pytest.FixtureRequest) -> str:
    """The name of every sandbox in turn; what it needs is there."""
    if request.param == "ray":
        request.getfixturevalue("local_ray")
    return str(request.param)


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return int(port)

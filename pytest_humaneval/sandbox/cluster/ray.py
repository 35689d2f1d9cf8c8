"""A sandbox on a Ray cluster: every node judges in a fork server of its own.

All nodes take batches of candidates from one queue, each as fast as it returns verdicts, so a slow node gets
fewer. The candidates of a lost node go back to the queue; nodes that join later take part.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Limits, Verdict
from pytest_humaneval.sandbox.cluster.candidate_queue import CandidateQueue
from pytest_humaneval.sandbox.cluster.node_link import IN_HAND_PER_JOB, NodeLink, judge_on

MAX_THREADS = 1024
# Failed starts on a living node before the node is excluded: the package may be missing there.
MAX_FAILURES = 3
NODE_CHECK_INTERVAL_S = 1.0
# The default of Ray's client server, used where an address names no port.
CLIENT_PORT = 10001
CONNECT_TIMEOUT_S = 10.0
# How long candidates wait while the cluster has no node, before their callers get an error.
NO_NODE_TIMEOUT_S = 60.0


class RaySandbox:
    """Judges candidates on all nodes of a Ray cluster.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates use a core at once on each node; None for as many as it has CPUs.
        isolation: as in ``open_sandbox``; a node that lacks a layer that "strict" asks for is left out.
        address: a ``ray://`` address. None: what ``RAY_ADDRESS`` says, else this machine's cluster, which is
            started, and stopped by ``close``, where there is none.

    Raises:
        SandboxError: there is no such cluster, or none of its nodes has what strict isolation needs.
    """

    def __init__(self, limits: Limits, jobs: int | None, isolation: str, address: str | None) -> None:
        self._ray, self._owns_connection = _connected(address)
        self._limits, self._jobs, self._isolation = limits, jobs, isolation
        self._queue = CandidateQueue()
        self._links: dict[str, NodeLink] = {}
        self._failures: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._closed = False
        self._watcher = threading.Thread(target=self._watch_nodes, name="humaneval-ray", daemon=True)
        self._watcher.start()
        if isolation == "strict":
            self._require_a_node()

    @property
    def places(self) -> int:
        """How many threads may usefully wait in ``run`` at once."""
        jobs = sum(self._jobs_of(node) for node in self._living_nodes().values())
        return min(IN_HAND_PER_JOB * max(jobs, 1), MAX_THREADS)

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; see ``Sandbox``.

        Raises:
            SandboxError: no node can judge, or the sandbox was closed.
        """
        return self._queue.judge(candidate)

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation; one is missing where any node lacks it.

        Raises:
            SandboxError: no node can judge, or the sandbox was closed.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._known_layers() or self._why_no_node(), NO_NODE_TIMEOUT_S
            )
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if not (known := self._known_layers()):
                raise SandboxError(self._why_no_node() or "no node of the Ray cluster has CPUs to spare")
        merged: dict[str, str] = {}
        for layers in known:
            merged |= {name: reason for name, reason in layers.items() if reason or name not in merged}
        return merged

    def close(self) -> None:
        """End every process on every node; candidates that are running get no verdict."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
        self._queue.close()
        self._watcher.join()
        for link in self._links.values():
            link.close()
        if self._owns_connection:
            self._ray.shutdown()

    def __enter__(self) -> RaySandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _require_a_node(self) -> None:
        try:
            self.layers()
        except SandboxError:
            self.close()
            raise

    def _known_layers(self) -> list[dict[str, str]]:
        return [link.layers for link in list(self._links.values()) if link.layers is not None]

    def _why_no_node(self) -> str | None:
        """Return why no node can judge; None while one can, or is still starting."""
        reasons = {link.unfit for link in list(self._links.values())}
        if not reasons or None in reasons:
            return None
        return f"no node of the Ray cluster can judge: {'; '.join(sorted(filter(None, reasons)))}"

    def _living_nodes(self) -> dict[str, dict[str, Any]]:
        nodes = self._ray.nodes()
        return {n["NodeID"]: n for n in nodes if n["Alive"] and n["Resources"].get("CPU", 0) >= 1}

    def _jobs_of(self, node: dict[str, Any]) -> int:
        cpus = int(node["Resources"]["CPU"])
        return min(self._jobs or cpus, cpus)

    def _notify_changed(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _watch_nodes(self) -> None:
        served_s = time.monotonic()
        while not self._closed:
            self._update_links()
            if any(not link.is_over for link in self._links.values()):
                served_s = time.monotonic()
            elif reason := self._why_no_node():
                self._queue.fail_all(reason)
            elif time.monotonic() - served_s > NO_NODE_TIMEOUT_S:
                self._queue.fail_all(f"the Ray cluster has had no node for {NO_NODE_TIMEOUT_S:.0f} s")
            with self._changed:
                self._changed.wait_for(lambda: self._closed, NODE_CHECK_INTERVAL_S)

    def _update_links(self) -> None:
        """Link nodes that joined, and forget links that ended, so that their nodes get another try."""
        living = self._living_nodes()
        for node_id, link in list(self._links.items()):
            if link.is_over and not link.unfit:
                self._failures[node_id] += link.failure is not None
                if self._failures[node_id] >= MAX_FAILURES and node_id in living:
                    link.unfit = f"{link.failure} (it needs this package, too)"
                else:
                    del self._links[node_id]
        for node_id in living.keys() - self._links.keys():
            self._links[node_id] = self._new_link(node_id, self._jobs_of(living[node_id]))

    def _new_link(self, node_id: str, jobs: int) -> NodeLink:
        judge = judge_on(self._ray, node_id, jobs, self._limits, jobs, self._isolation)
        return NodeLink(self._ray, node_id, jobs, judge, self._queue, self._notify_changed)


def _connected(address: str | None) -> tuple[Any, bool]:
    """Return the ``ray`` package, connected, and whether this function has made the connection."""
    # A cluster that Ray starts reports usage statistics to its developers unless this is set.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        # Ray warns of changes in its coming versions, and pytest may be set to turn warnings into errors.
        warnings.simplefilter("ignore")
        import ray
        import ray.util.scheduling_strategies

        if ray.is_initialized():
            return ray, False
        if address:
            _check_reachable(address)
        quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
        try:
            with _own_breakpoints():
                ray.init(address, **quiet) if address else ray.init(include_dashboard=False, **quiet)
        # No common base class: Ray raises its own errors, its client's, gRPC's and the operating system's.
        except Exception as error:
            reason = str(error).strip().partition("\n")[0]
            where = address or os.environ.get("RAY_ADDRESS") or "this machine"
            raise SandboxError(f"sandbox 'ray': no Ray cluster at {where} ({reason})") from error
    return ray, True


@contextmanager
def _own_breakpoints() -> Iterator[None]:
    """Restore PYTHONBREAKPOINT, which ``ray.init`` points at Ray's own debugger, away from pytest's."""
    before = os.environ.get("PYTHONBREAKPOINT")
    try:
        yield
    finally:
        os.environ.pop("PYTHONBREAKPOINT", None)
        if before is not None:
            os.environ["PYTHONBREAKPOINT"] = before


def _check_reachable(address: str) -> None:
    """Connect to a ``ray://`` address once: ``ray.init`` would retry a dead one for half a minute.

    Raises:
        SandboxError: nothing listens there, or the address cannot be parsed.
    """
    try:
        parts = urlsplit(address)
        socket.create_connection((parts.hostname or "", parts.port or CLIENT_PORT), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise SandboxError(f"sandbox 'ray': no Ray cluster at {address} ({error})") from error

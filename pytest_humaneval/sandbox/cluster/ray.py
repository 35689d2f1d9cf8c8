"""A sandbox of many machines: every node of a Ray cluster judges in a fork server of its own.

Each node takes candidates from one waiting room, in batches, as fast as it gives verdicts, so a slow node
gets fewer. What a lost node had in hand goes to the others; nodes that join later take part.
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
from pytest_humaneval.sandbox.cluster.candidate_queue import WaitingRoom
from pytest_humaneval.sandbox.cluster.node_link import IN_HAND_PER_JOB, NodeLink, judge_on

MOST_THREADS = 1024
MOST_FAILURES = 3  # of a node that is there, before it is left out
LOOK_S = 1.0  # how often the cluster is looked at for new nodes
CLIENT_PORT = 10001  # Ray's default
KNOCK_S = 10.0
PATIENCE_S = 60.0  # how long candidates wait when there is no node


class RaySandbox:
    """Judges candidates on all nodes of a Ray cluster.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates use a core at once on each node; None for as many as it has CPUs.
        isolation: as in ``open_sandbox``; a node that lacks a layer that "strict" asks for is left out.
        address: a ``ray://`` address. None: what ``RAY_ADDRESS`` says, else this machine's cluster, which is
            started, and stopped at the end, where there is none.

    Raises:
        SandboxError: there is no such cluster, or no node of it is fit for strict isolation.
    """

    def __init__(self, limits: Limits, jobs: int | None, isolation: str, address: str | None) -> None:
        self._ray, self._owns_connection = _connected(address)
        self._limits, self._jobs, self._isolation = limits, jobs, isolation
        self._waiting = WaitingRoom()
        self._links: dict[str, NodeLink] = {}
        self._failures: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._closed = False
        self._watch = threading.Thread(target=self._watch_nodes, name="humaneval-ray", daemon=True)
        self._watch.start()
        if isolation == "strict":
            self._insist_on_a_node()

    @property
    def places(self) -> int:
        """How many threads may usefully wait in ``run`` at once."""
        jobs = sum(self._jobs_of(node) for node in self._living().values())
        return min(IN_HAND_PER_JOB * max(jobs, 1), MOST_THREADS)

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; see ``Sandbox``.

        Raises:
            SandboxError: no node can judge, or the sandbox was closed.
        """
        return self._waiting.judged(candidate)

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation; one is missing where any node lacks it.

        Raises:
            SandboxError: no node can judge, or the sandbox was closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._known() or self._no_node(), PATIENCE_S)
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if not (known := self._known()):
                raise SandboxError(self._no_node() or "no node of the Ray cluster has CPUs to spare")
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
        self._waiting.close()
        self._watch.join()
        for link in self._links.values():
            link.close()
        if self._owns_connection:
            self._ray.shutdown()

    def __enter__(self) -> RaySandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _insist_on_a_node(self) -> None:
        try:
            self.layers()
        except SandboxError:
            self.close()
            raise

    def _known(self) -> list[dict[str, str]]:
        return [link.layers for link in list(self._links.values()) if link.layers is not None]

    def _no_node(self) -> str | None:
        """Return why no node can judge; None while one can, or may yet."""
        reasons = {link.unfit for link in list(self._links.values())}
        if not reasons or None in reasons:
            return None
        return f"no node of the Ray cluster can judge: {'; '.join(sorted(filter(None, reasons)))}"

    def _living(self) -> dict[str, dict[str, Any]]:
        nodes = self._ray.nodes()
        return {n["NodeID"]: n for n in nodes if n["Alive"] and n["Resources"].get("CPU", 0) >= 1}

    def _jobs_of(self, node: dict[str, Any]) -> int:
        cpus = int(node["Resources"]["CPU"])
        return min(self._jobs or cpus, cpus)

    def _notice(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _watch_nodes(self) -> None:
        served_s = time.monotonic()
        while not self._closed:
            self._take_on_nodes()
            if any(not link.is_over for link in self._links.values()):
                served_s = time.monotonic()
            elif reason := self._no_node():
                self._waiting.turn_away(reason)
            elif time.monotonic() - served_s > PATIENCE_S:
                self._waiting.turn_away(f"the Ray cluster has had no node for {PATIENCE_S:.0f} s")
            with self._changed:
                self._changed.wait_for(lambda: self._closed, LOOK_S)

    def _take_on_nodes(self) -> None:
        living = self._living()
        for node_id, link in list(self._links.items()):
            if link.is_over and not link.unfit:
                self._failures[node_id] += link.failure is not None
                if self._failures[node_id] >= MOST_FAILURES and node_id in living:
                    link.unfit = f"{link.failure} (it needs this package, too)"
                else:
                    del self._links[node_id]
        for node_id in living.keys() - self._links.keys():
            self._links[node_id] = self._linked(node_id, self._jobs_of(living[node_id]))

    def _linked(self, node_id: str, jobs: int) -> NodeLink:
        judge = judge_on(self._ray, node_id, jobs, self._limits, jobs, self._isolation)
        return NodeLink(self._ray, node_id, jobs, judge, self._waiting, self._notice)


def _connected(address: str | None) -> tuple[Any, bool]:
    """Return Ray, connected, and whether the connection is this function's doing."""
    # Ray's own cluster reports its use to its makers unless told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own future; a strict pytest makes errors of them
        import ray
        import ray.util.scheduling_strategies

        if ray.is_initialized():
            return ray, False
        if address:
            _knock(address)
        quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
        try:
            with _own_breakpoints():
                ray.init(address, **quiet) if address else ray.init(include_dashboard=False, **quiet)
        except Exception as error:  # Ray's own, its client's, gRPC's and the operating system's
            told = str(error).strip().partition("\n")[0]
            where = address or os.environ.get("RAY_ADDRESS") or "this machine"
            raise SandboxError(f"sandbox 'ray': no Ray cluster at {where} ({told})") from error
    return ray, True


@contextmanager
def _own_breakpoints() -> Iterator[None]:
    """Leave ``breakpoint()`` to pytest's debugger; Ray would have it lead to one of its own from now on."""
    before = os.environ.get("PYTHONBREAKPOINT")
    try:
        yield
    finally:
        os.environ.pop("PYTHONBREAKPOINT", None)
        if before is not None:
            os.environ["PYTHONBREAKPOINT"] = before


def _knock(address: str) -> None:
    """Find out whether anybody listens at a ``ray://`` address; Ray itself would try for half a minute."""
    try:
        parts = urlsplit(address)
        socket.create_connection((parts.hostname or "", parts.port or CLIENT_PORT), KNOCK_S).close()
    except (OSError, ValueError) as error:
        raise SandboxError(f"sandbox 'ray': no Ray cluster at {address} ({error})") from error

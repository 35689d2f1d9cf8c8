"""Runs whose candidates are judged on a Ray cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clusters import a_node, cluster, needs_ray, quiet_ray
from evaluating import Evaluate, completion, evaluate, write_samples
from processes import eventually, is_running, processes_below

__all__ = ["cluster", "evaluate", "quiet_ray"]

DEADLINE_S = 120
ENDLESS = "    import time\n    time.sleep(1000)\n"


@pytest.fixture(scope="module")
def client_address(cluster: Any) -> Iterator[str]:
    """The address at which the cluster takes clients; it has a node."""
    with a_node(cluster):
        yield f"ray://127.0.0.1:{cluster.head_node.ray_client_server_port}"

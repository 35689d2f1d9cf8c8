"""The deployment files for several model servers behind one address, checked by what reads them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import DEADLINE_S, wait_until
from tests.support.sandbox.sandboxes import free_port
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))

needs_nginx = pytest.mark.skipif(NGINX is None, reason="needs nginx: Debian's nginx-light")

Serve = Callable[[Behaviour], StubServer]


@contextmanager
def nginx(folder: Path, ports: tuple[int, int]) -> Iterator[str]:
    """Run nginx with the shipped configuration and its two replicas at these ports; yield its URL."""
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for shipped, local in (
        ("replica-1:8000", f"127.0.0.1:{ports[0]}"),
        ("replica-2:8000", f"127.0.0.1:{ports[1]}"),
        ("listen 8000", f"listen 127.0.0.1:{port}"),
        ("/tmp/nginx.pid", f"{folder}/nginx.pid"),  # noqa: S108
    ):
        assert shipped in text
        text = text.replace(shipped, local)
    configuration = folder / "nginx.conf"
    configuration.write_text(text, encoding="utf-8")
    command = [str(NGINX), "-e", "stderr", "-c", str(configuration), "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: is_served(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(DEADLINE_S)


def is_served(port: int) -> bool:
    """Return whether a program listens at a port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), DEADLINE_S).close()
    except OSError:
        return False
    return True


def completed(address: str) -> int:
    """Request a completion; return the HTTP status."""
    # S310: the URL is this test's own.
    request = urllib.request.Request(  # noqa: S310
        f"{address}/v1/completions", b'{"model": "m", "prompt": "p"}', {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@needs_nginx
def test_nginx_distributes_requests(stub_server: Serve, tmp_path: Path) -> None:
    """Both replicas get requests."""
    servers = [stub_server(Behaviour()) for _ in range(2)]

    with nginx(tmp_path, (servers[0].port, servers[1].port)) as address:
        statuses = [completed(address) for _ in range(8)]

    assert statuses == [200] * 8
    assert sum(len(server.log) for server in servers) == 8
    assert all(server.log for server in servers)


@needs_nginx
def test_nginx_leaves_out_a_replica_that_is_down(stub_server: Serve, tmp_path: Path) -> None:
    """Requests that a stopped replica would have got are answered by the other one."""
    servers = [stub_server(Behaviour()) for _ in range(2)]

    with nginx(tmp_path, (servers[0].port, servers[1].port)) as address:
        before = [completed(address) for _ in range(4)]
        servers[0].stop()
        after = [completed(address) for _ in range(8)]

    assert (before, after) == ([200] * 4, [200] * 8)
    assert sum(len(server.log) for server in servers) == 12
    assert len(servers[1].log) >= 8


@pytest.mark.parametrize(
    ("tool", "arguments", "name"),
    [
        ("kubernetes-validate", ["--strict"], "kubernetes.yaml"),
        ("check-jsonschema", ["--builtin-schema", "vendor.compose-spec"], "docker-compose.yml"),
    ],
)
def test_a_file_is_valid_by_its_schema(tool: str, arguments: list[str], name: str) -> None:
    """The files are valid by Kubernetes' and Compose's own schemas."""
    program = Path(sys.executable).parent / tool
    if not program.exists():
        pytest.skip(f"needs {tool}")

    done = subprocess.run(
        [program, *arguments, DEPLOY / name], capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_ray_serve_application_is_valid_by_its_schema() -> None:
    """The file is valid by Ray Serve's own schema, and names the application builder for models."""
    pytest.importorskip("ray", reason="needs Ray")
    schema = pytest.importorskip("ray.serve.schema", reason="needs Ray Serve", exc_type=ImportError)
    import yaml

    text = (DEPLOY / "ray_serve.yaml").read_text(encoding="utf-8")
    read = schema.ServeDeploySchema.model_validate(yaml.safe_load(text))

    assert [application.import_path for application in read.applications] == [
        "ray.serve.llm:build_openai_app"
    ]

"""Stand-ins for vLLM's and Docker's programs, as scripts that tests put in their place."""

from __future__ import annotations

import sys
from pathlib import Path

VLLM = """
import http.server, json, os, signal, sys
port, model = int(sys.argv[sys.argv.index("--port") + 1]), sys.argv[2]
{before}
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({{"data": [{{"id": model}}]}})
    def do_POST(self):
        self.answer({{"choices": [{{"text": "x", "finish_reason": "length"}}]}})
    def answer(self, content):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()
"""

DOCKER = """
import json, pathlib, sys
state = pathlib.Path({state!r})
with (state / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
command = sys.argv[4] if len(sys.argv) > 4 else ""
if command == "up":
    {up}
elif command == "ps" and (state / "up").exists():
    print("0123abcd")
elif command == "rm":
    (state / "up").unlink(missing_ok=True)
elif command == "logs":
    print("a line of the container's log")
"""


def vllm(folder: Path, before: str = "") -> str:
    """Write a ``vllm`` that serves, and return its path; ``before`` is Python source that it runs first."""
    return _write(folder / "vllm", VLLM.format(before=before))


def docker(folder: Path, up: str = '(state / "up").touch()') -> Path:
    """Write a ``docker`` that appends its arguments to ``folder/calls``, and return the folder.

    ``up`` is Python source for what ``docker compose up`` does.
    """
    _write(folder / "docker", DOCKER.format(state=str(folder), up=up))
    return folder


def _write(path: Path, source: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{source}")
    path.chmod(0o755)
    return str(path)

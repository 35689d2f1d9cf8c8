"""How the sandbox's processes start: a bare interpreter, an empty environment, ``runtime`` as a package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX")


def command(module: str, argument: str) -> list[str]:
    """Return the command line of a bare interpreter that runs ``main`` of a module of ``runtime``."""
    folder = Path(__file__).parent.parent
    path = f"import sys; sys.path.append({str(folder.parent)!r})"
    program = f"{path}; from {folder.name}.{module} import main; main({argument!r})"
    # Columns are asked for nowhere, and a candidate compiles faster without them (python(1), since 3.11).
    options = ["-I", "-S", "-B", "-W", "ignore", "-X", "no_debug_ranges"]
    return [sys.executable, *options, "-c", program]


def scrubbed_environment() -> dict[str, str]:
    """Return all of the environment that a sandbox's process gets."""
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if os.name == "nt" and name in os.environ
    }
    threads = dict.fromkeys(_SINGLE_THREADED, "1")  # a limit on address space breaks numpy's default of many
    # So the interpreter's symbols are resolved once, before it is forked, and not by each child: ld.so(8).
    linking = {"LD_BIND_NOW": "1"}
    user = {"HOME": "/nonexistent", "USER": "candidate", "LOGNAME": "candidate"}  # no passwd file names one
    return {"LANG": "C.UTF-8", **linking, **user, **threads, **kept}


def make_streams_binary() -> None:
    """Keep the platform from translating line ends on standard input and output."""
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)

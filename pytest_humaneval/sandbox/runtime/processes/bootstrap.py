"""The command line and environment of the sandbox's processes: bare interpreters that import ``runtime``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX")


def command(module: str, argument: str) -> list[str]:
    """Return the command line of a bare interpreter that runs ``main(argument)`` of a module.

    Args:
        module: its name within ``runtime``.
        argument: text for ``main``.
    """
    folder = Path(__file__).parent.parent
    # Appended, so that no module of the folder can hide one of the standard library.
    path = f"import sys; sys.path.append({str(folder.parent)!r})"
    program = f"{path}; from {folder.name}.{module} import main; main({argument!r})"
    # Only lines of tracebacks are used, and code compiles faster without columns: -X no_debug_ranges, since
    # 3.11.
    options = ["-I", "-S", "-B", "-W", "ignore", "-X", "no_debug_ranges"]
    return [sys.executable, *options, "-c", program]


def scrubbed_environment() -> dict[str, str]:
    """Return the whole environment of a sandbox's process: nothing of the host's that could be a secret."""
    # On Windows no process starts without SYSTEMROOT: see the "env" of subprocess.Popen.
    kept = {
        name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if os.name == "nt" and name in os.environ
    }
    # numpy's default of a thread for each core does not fit into the limit of address space.
    threads = dict.fromkeys(_SINGLE_THREADED, "1")
    # So that the interpreter's symbols are resolved once, before it is forked, and not by each child:
    # ld.so(8).
    linking = {"LD_BIND_NOW": "1"}
    # Else os.path.expanduser and getpass.getuser look the user up, and no password file names it.
    user = {"HOME": "/nonexistent", "USER": "candidate", "LOGNAME": "candidate"}
    return {"LANG": "C.UTF-8", **linking, **user, **threads, **kept}


def make_streams_binary() -> None:
    """Keep Windows from translating line ends on standard input and output."""
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)

"""The fork server: a small warm process that forks a child for each candidate, and ends it with all below it.

Commands come from the worker over a Unix socket:

    R + a descriptor    fork a child that serves on that descriptor, within the limits that the command names
    E                   end the child and its descendants; answered with its exit code, negative for a signal,
                        and the CPU seconds of all

One child at a time: then every descendant of this process belongs to the one candidate and can be killed.
"""

from __future__ import annotations

# Not ``socket``, see ``wire``.
import _socket as socket
import contextlib
import gc
import importlib
import json
import os
import struct
import sys
from pathlib import Path

from ..isolation.confinement import Confinement
from ..isolation.rlimits import ResourceLimits
from ..isolation.settings import WorkerSettings
from ..isolation.syscalls import Step
from ..protocol import wire
from ..protocol.codec import pack
from ..untrusted import child
from ..untrusted.output import Output
from .process_tree import reap_all

# Its letter, and the limits of the child: seconds and MiB.
COMMAND = struct.Struct(">cdI")
STATUS = struct.Struct(">id")
UNCONFINED = b"!"
PRELOADED_MODULES = (
    "collections",
    "copy",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "typing",
)
_WARM_UP_PROGRAM = """from typing import Any, Dict, List, Optional, Tuple
import math

def warm_up(numbers: List[int], text: str = "a b") -> Any:
    '''Do a little of everything.

    >>> warm_up([1])
    '''
    counts: Dict[str, int] = {}
    for index, word in enumerate(text.split()):
        counts[word] = counts.get(word, 0) + index
    if not numbers:
        raise ValueError("none")
    return [tuple(sorted(set(numbers))), counts, math.sqrt(len(text)), "".join(reversed(text)), None, True]
"""


def main(argument: str) -> None:
    """Run as the fork server in an interpreter of its own.

    Args:
        argument: JSON: settings, level, scratch folder and the descriptor of the control socket.
    """
    settings, level, base, descriptor = json.loads(argument)
    run(socket.socket(fileno=descriptor), WorkerSettings.load(settings), level, Path(base))


def run(control: socket.socket, settings: WorkerSettings, level: str, top: Path) -> None:
    """Confine this process, report how, and serve commands until the worker closes its end.

    Args:
        control: connection to the worker; first, the report of layers is sent over it as one JSON object.
        settings: the worker's.
        level: see ``Confinement``.
        top: the folder for scratch.
    """
    _detach_standard_streams()
    # Without the entry that ``bootstrap.command`` has added: a candidate must not import ``runtime``.
    sys.path[:] = [entry for entry in sys.path if entry != str(Path(__file__).parents[2])]
    confinement = Confinement(settings, level, top)
    output = Output()
    output.take_over()
    _warm_up(settings.preload, output)
    try:
        confinement.enter()
    except OSError as error:
        control.send(json.dumps({"namespaces": str(error)}).encode())
        return
    control.send(json.dumps(confinement.report).encode())
    # A collection in a child would otherwise write to the header of every object made so far, and so copy
    # their pages (gc.freeze).
    gc.freeze()
    server = _Zygote(control, confinement, output)
    while command := server.next_command():
        server.execute(*command)
    server.clean_up()


def _warm_up(packages: list[str], output: Output) -> None:
    """Import, compile and run what most candidates need: done once, in memory that stays shared."""
    for name in PRELOADED_MODULES:
        importlib.import_module(name)
    for name in packages:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # CPython 3.11 and newer specializes the bytecode of a function after several calls (PEP 659).
    for _ in range(8):
        _run_warm_up_program(output)
    sys.modules.pop(child.MODULE)


def _run_warm_up_program(output: Output) -> None:
    ours, theirs = socket.socketpair()
    calls = [[[3, 1, 2]], [[2, 2], "word " * 3], [[]]]
    for message in (("load", _WARM_UP_PROGRAM, "warm_up"), *(("call", call, {}) for call in calls)):
        wire.send(ours.fileno(), pack(*message))
    ours.shutdown(socket.SHUT_WR)
    with contextlib.suppress(wire.Closed):
        child.serve(theirs.fileno(), theirs.fileno(), output)
    ours.close()
    theirs.close()


def _detach_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


class _Zygote:
    """Executes the worker's commands; each page of memory that it touches after a fork has to be copied."""

    def __init__(self, control: socket.socket, confinement: Confinement, output: Output) -> None:
        self._control = control
        self._descriptor = control.fileno()
        self._confinement = confinement
        self._output = output
        self._child = 0
        self._steps_for: tuple[int, ResourceLimits] | None = None
        self._steps: list[Step] = []
        self._space = socket.CMSG_SPACE(4)

    def next_command(self) -> tuple[bytes, int] | None:
        command, ancillary, _, _ = self._control.recvmsg(COMMAND.size, self._space)
        if not command:
            return None
        return command, int.from_bytes(ancillary[0][2], sys.byteorder) if ancillary else -1

    def execute(self, command: bytes, descriptor: int) -> None:
        letter, *limits = COMMAND.unpack(command)
        if letter == b"E":
            status, cpu_s = self._end_child()
            # Before the answer: the mounter then works while the worker goes on to the next candidate.
            self._confinement.scratch.discard()
            self._control.send(STATUS.pack(os.waitstatus_to_exitcode(status), cpu_s))
            return
        self._confinement.prepare_child()
        steps = self._child_steps(descriptor, ResourceLimits(*limits))
        self._child = os.fork()
        if self._child:
            os.close(descriptor)
            return
        self._become_child(descriptor, steps)

    def _child_steps(self, descriptor: int, limits: ResourceLimits) -> list[Step]:
        # Mostly those of the child before: the descriptor was closed, and so its number is free again.
        if self._steps_for != (descriptor, limits):
            self._steps = self._confinement.child_steps(descriptor, limits)
            self._steps_for = descriptor, limits
        return self._steps

    def _end_child(self) -> tuple[int, float]:
        child, self._child = self._child, 0
        return reap_all(child, everything=self._confinement.can_signal_only_descendants)

    def clean_up(self) -> None:
        """End the child and remove its scratch area, for the worker is gone and cannot ask for it."""
        if self._child:
            self._end_child()
        self._confinement.scratch.remove()

    def _become_child(self, descriptor: int, steps: list[Step]) -> None:
        # Whatever happens, this copy of the fork server must never return to its loop.
        status = 1
        try:
            self._confine(steps)
            child.serve(descriptor, descriptor, self._output)
            status = 0
        finally:
            os._exit(status)

    def _confine(self, steps: list[Step]) -> None:
        try:
            for function, arguments in steps:
                if function(*arguments) == -1:
                    raise OSError(str(function))  # noqa: TRY301 -- a function of its own is more memory to copy
        except OSError:
            # The worker sees only that the child has ended, and would blame the candidate.
            self._control.send(UNCONFINED)
            raise

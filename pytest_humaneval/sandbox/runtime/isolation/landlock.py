"""Landlock: file access, TCP and signals, restricted by a process for itself; see landlock(7)."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from . import syscalls

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_READ = 0b1101  # EXECUTE, READ_FILE, READ_DIR
_LIST = 0b1000
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # since which version
_RIGHTS_OF_FILES = 0b1000_0000_0000_0111 | 1 << 14
_TCP = {4: 0b11}
_SCOPES = {6: 0b11}  # abstract Unix sockets and signals stay within the domain


class Landlock:
    """A set of rules, made once and put on by each process that is to obey them.

    Args:
        readable: what may be read, with all below it.
        listable: folders whose entries may be listed, with all below them.
        writable: folders in which everything is allowed.
        only_writing: these rules are put on in addition to others, and are about changing files alone.
        own_network: there is nobody whom a socket could reach, so TCP is not ruled on.

    Raises:
        OSError: the kernel has no Landlock, or has it switched off.
    """

    def __init__(
        self,
        readable: list[Path],
        listable: list[Path],
        writable: list[Path],
        *,
        only_writing: bool = False,
        own_network: bool = False,
    ) -> None:
        self.version = syscalls.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
        self._files = _since(_FILE_RIGHTS, self.version) & ~(_READ if only_writing else 0)
        tcp = 0 if own_network else _since(_TCP, self.version)
        attributes = struct.pack("QQQ", self._files, tcp, _since(_SCOPES, self.version))
        size = 24 if self.version >= 6 else 16 if self.version >= 4 else 8
        self._ruleset = syscalls.syscall(_CREATE_RULESET, attributes[:size], size, 0)
        for path in readable:
            self._allow(path, _READ)
        for path in listable:
            self._allow(path, _LIST)
        for path in writable:
            self._allow(path, self._files)

    def _allow(self, path: Path, rights: int) -> None:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            rights &= self._files if path.is_dir() else _RIGHTS_OF_FILES & self._files
            syscalls.syscall(
                _ADD_RULE, self._ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0
            )
        finally:
            os.close(descriptor)

    def restrict(self) -> None:
        """Put the rules on this process and its offspring, for good.

        Raises:
            OSError: it may still gain privileges.
        """
        syscalls.syscall(_RESTRICT_SELF, self._ruleset, 0)
        os.close(self._ruleset)


def _since(rights: dict[int, int], version: int) -> int:
    return max((value for since, value in rights.items() if since <= version), default=0)

"""Landlock: restrict this process's file access, TCP and signals by rules of its own; see landlock(7)."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from . import syscalls

# System call numbers, the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
# EXECUTE, READ_FILE, READ_DIR.
_READ = 0b1101
# READ_DIR.
_LIST = 0b1000
# All rights of a version, under the first version that has them: 2 adds REFER, 3 TRUNCATE, 5 IOCTL_DEV. A
# rule with a right that the kernel does not know is refused whole.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
# Of these, those that make sense for a file: EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE, IOCTL_DEV. The kernel
# refuses a rule that gives a file any other.
_RIGHTS_OF_FILES = 0b1000_0000_0000_0111 | 1 << 14
# BIND_TCP and CONNECT_TCP.
_TCP = {4: 0b11}
# Abstract Unix sockets and signals stay within the domain.
_SCOPES = {6: 0b11}


class Landlock:
    """A set of rules, made once and enforced by each process for itself.

    Args:
        readable: files and folders that may be read, with all below them.
        listable: folders whose entries may be listed, with all below them.
        writable: folders in which everything is allowed.
        only_writing: the rules restrict the changing of files alone; for use on top of other rules.
        own_network: do not restrict TCP, for no socket of this network namespace reaches anybody.

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
        # Of struct landlock_ruleset_attr, which has grown with these versions.
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
            # struct landlock_path_beneath_attr is packed: "=" leaves no padding at its end.
            syscalls.syscall(
                _ADD_RULE, self._ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0
            )
        finally:
            os.close(descriptor)

    def restrict(self) -> None:
        """Enforce the rules on this process and its descendants, for good.

        Raises:
            OSError: it may still gain privileges.
        """
        syscalls.syscall(_RESTRICT_SELF, self._ruleset, 0)
        os.close(self._ruleset)


def _since(rights: dict[int, int], version: int) -> int:
    return max((value for since, value in rights.items() if since <= version), default=0)

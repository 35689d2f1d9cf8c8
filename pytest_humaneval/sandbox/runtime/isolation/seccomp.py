"""Filters that have the kernel refuse system calls a candidate has no honest use for; see seccomp(2).

A large filter is installed once and inherited. It refuses what reaches outside the process (tracing, mounts,
namespaces, keys, shared memory that no limit counts), acting on another process's limits or scheduling, and
having the kernel send signals. Where there are no namespaces, a small one for each child refuses more:
signals to others, sockets, and changes of a file's attributes, for a filter sees no paths, and Landlock has
no rules for attributes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from . import syscalls

_REFUSED = {  # name: number on x86_64, on aarch64; -1 where there is none
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280),
    "chroot": (161, 51), "clock_adjtime": (305, 266), "clock_settime": (227, 112),
    "delete_module": (176, 106), "fanotify_init": (300, 262), "file_setattr": (469, 469),
    "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430),
    "fspick": (433, 433), "init_module": (175, 105), "inotify_add_watch": (254, 27),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioperm": (173, -1), "iopl": (172, -1), "kcmp": (312, 272), "kexec_file_load": (320, 294),
    "kexec_load": (246, 104), "keyctl": (250, 219), "lookup_dcookie": (212, 18), "mbind": (237, 235),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "migrate_pages": (256, 238),
    "modify_ldt": (154, -1), "mount": (165, 40), "mount_setattr": (442, 442), "move_mount": (429, 429),
    "move_pages": (279, 239), "mq_open": (240, 180), "msgget": (68, 186), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241),
    "personality": (135, 92), "pidfd_getfd": (438, 438), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pivot_root": (155, 41), "process_madvise": (440, 440),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "ptrace": (101, 117),
    "quotactl": (179, 60), "reboot": (169, 142), "request_key": (249, 218), "semget": (64, 190),
    "set_mempolicy": (238, 237), "setdomainname": (171, 162), "sethostname": (170, 161),
    "setns": (308, 268), "settimeofday": (164, 170), "shmget": (29, 194), "swapoff": (168, 225),
    "swapon": (167, 224), "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97),
    "uselib": (134, -1), "userfaultfd": (323, 282), "vhangup": (153, 58),
}  # fmt: skip
# Space that no limit counts, and the network.
_REFUSED_ON_SHARED_MACHINE = {
    "bind": (49, 200), "fallocate": (285, 47), "socket": (41, 198),
}  # fmt: skip
# Answered as done: refused, they would fail honest programs such as shutil.copy, which set attributes of
# files that they have made.
_IGNORED_ON_SHARED_MACHINE = {
    "chmod": (90, -1), "chown": (92, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "fchown": (93, 55), "fchownat": (260, 54), "fremovexattr": (199, 16), "fsetxattr": (190, 7),
    "futimesat": (261, -1), "lchown": (94, -1), "lremovexattr": (198, 15), "lsetxattr": (189, 6),
    "removexattr": (197, 14), "removexattrat": (466, 466), "setxattr": (188, 5), "setxattrat": (463, 463),
    "utime": (132, -1), "utimensat": (280, 88), "utimes": (235, -1),
}  # fmt: skip
# Answered as done, for the same reason as _IGNORED_COMMANDS.
_IGNORED = {"flock": (73, 32)}
# Its flags are in memory, where no filter can read them. libc falls back to clone where clone3 is ENOSYS.
_ABSENT = {"clone3": (435, 435)}
# Allowed where the first argument, a process id, is 0: the caller itself.
_ONLY_ON_ITSELF = {
    "prlimit64": (302, 261), "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
    "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
}  # fmt: skip
# Numbers, and the first argument's value for "all processes of a user".
_PRIORITIES = {
    "ioprio_set": ((251, 30), 3), "setpriority": ((141, 140), 2),
}  # fmt: skip
_CLONE = (56, 220)
_FCNTL, _IOCTL, _SETSOCKOPT, _SOCKET, _SOCKETPAIR = (72, 25), (16, 29), (54, 208), (41, 198), (53, 199)
# Commands of fcntl(2): F_SETOWN, F_SETSIG, F_SETOWN_EX send signals; F_SETLEASE, F_NOTIFY and
# F_SET_(FILE_)RW_HINT leave something on a file that others see too.
_REFUSED_COMMANDS = (8, 10, 15, 1024, 1026, 1036, 1038)
# F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW are answered as done. A lock on a library's file would be seen
# by other candidates; a file of its own the candidate shares with nobody, so a real lock would be had at
# once, too.
_IGNORED_COMMANDS = (6, 7, 37, 38)
# FIOSETOWN, SIOCSPGRP.
_SENDS_SIGNALS_BY_IOCTL = (0x8901, 0x8902)
# SO_SNDBUF, SO_SNDBUFFORCE (socket(7)): memory is counted by the default size of a buffer.
_ENLARGES_BUFFERS = (7, 32)
# AF_UNIX, AF_INET, AF_INET6.
_FAMILIES = (1, 2, 10)
# The family's own, TCP, UDP.
_PROTOCOLS = (0, 6, 17)
_SOCKET_TYPE, _DATAGRAM = 0xF, 2
_SIGNALS = {
    "kill": (62, 129), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "tgkill": (234, 131), "tkill": (200, 130),
}  # fmt: skip

_COLUMN = {"x86_64": 0, "aarch64": 1}
_AUDIT_ARCH = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
# x32 calls on x86_64 have this bit set: __X32_SYSCALL_BIT. They would pass by the numbers above.
_FIRST_X32_CALL = 0x4000_0000
# All CLONE_NEW* flags: clone(2).
_NEW_NAMESPACES = 0x7E02_0080
# Codes of classic BPF: load a word, jump if equal, if at least, if any bit is set; and; return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
# Offsets in struct seccomp_data. Of an argument's 64 bits, the lower half is read: all those here are ints.
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
# SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO.
_ALLOW, _KILL, _REFUSE = 0x7FFF_0000, 0x8000_0000, 0x0005_0000

# Code, jump if true, jump if false, operand.
Instruction = tuple[int, int, int, int]

_ALLOWANCE: Instruction = (_RETURN, 0, 0, _ALLOW)


def restrict_calls() -> None:
    """Install the large filter for this process and its descendants, for good.

    Raises:
        OSError: the kernel has no seccomp, or the process may still gain privileges.
    """
    program = _preamble() + _answer(_REFUSED, errno.EPERM) + _answer(_ABSENT, errno.ENOSYS)
    program += _answer(_IGNORED, 0)
    for numbers in _ONLY_ON_ITSELF.values():
        program += _if_call(numbers, 0, [(_EQUAL, 1, 0, 0), _refusal(errno.EPERM)])
    for numbers, of_a_user in _PRIORITIES.values():
        # For "all processes of the user": answered as done. The fork server is one of them.
        program += _if_call(numbers, 0, [(_EQUAL, 0, 1, of_a_user), _refusal(0)])
        program += _if_call(numbers, 1, [(_EQUAL, 1, 0, 0), _refusal(errno.EPERM)])
    program += _if_call(_CLONE, 0, [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), _refusal(errno.EPERM)])
    program += _if_call(
        _FCNTL, 1, [*_refuse_values(_REFUSED_COMMANDS), *_answer_values(_IGNORED_COMMANDS, 0)]
    )
    program += _if_call(_IOCTL, 1, _refuse_values(_SENDS_SIGNALS_BY_IOCTL))
    program += _if_call(_SETSOCKOPT, 2, _refuse_values(_ENLARGES_BUFFERS))
    program += _if_call(_SOCKET, 0, _allow_values(_FAMILIES))
    program += _if_call(_SOCKET, 2, _allow_values(_PROTOCOLS))
    _install([*program, _ALLOWANCE])


class SharedMachineFilter:
    """The small filter, for a process that shares files, network and process numbers with the host.

    Raises:
        OSError: as for ``restrict_calls``.
    """

    def __init__(self) -> None:
        # A datagram socket can send to any address, even where it was made as one of a pair.
        datagram = [(_AND, 0, 0, _SOCKET_TYPE), *_refuse_values((_DATAGRAM,))]
        self._same_for_all = [
            *_preamble(),
            *_answer(_REFUSED_ON_SHARED_MACHINE, errno.EPERM),
            *_answer(_IGNORED_ON_SHARED_MACHINE, 0),
            *_if_call(_SOCKETPAIR, 1, datagram),
        ]

    def restrict(self) -> None:
        """Install the filter for this process, which may then signal no other one, for good.

        Raises:
            OSError: as for ``restrict_calls``.
        """
        program = list(self._same_for_all)
        for numbers in _SIGNALS.values():
            program += _if_call(numbers, 0, [(_EQUAL, 1, 0, os.getpid()), _refusal(errno.EPERM)])
        _install([*program, _ALLOWANCE])


def _preamble() -> list[Instruction]:
    # A call by another architecture's convention, such as int 0x80 on x86_64, has other numbers: seccomp(2)
    # says that every filter must check for it first.
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCH[_machine()]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _FIRST_X32_CALL),
        _refusal(errno.ENOSYS),
    ]


def _if_call(numbers: tuple[int, int], argument: int, then: list[Instruction]) -> list[Instruction]:
    """Return instructions that apply ``then`` to an argument of one call, then load the number again."""
    load = (_LOAD, 0, 0, _ARGUMENT + 8 * argument)
    again = (_LOAD, 0, 0, _NUMBER)
    return [(_EQUAL, 0, len(then) + 2, _number(numbers)), load, *then, again]


def _answer(calls: dict[str, tuple[int, int]], number: int) -> list[Instruction]:
    """Return instructions that answer calls with an errno, or as successful where it is 0."""
    return [
        step for numbers in calls.values() for step in ((_EQUAL, 0, 1, _number(numbers)), _refusal(number))
    ]


def _refuse_values(values: tuple[int, ...]) -> list[Instruction]:
    return _answer_values(values, errno.EPERM)


def _answer_values(values: tuple[int, ...], number: int) -> list[Instruction]:
    return [step for value in values for step in ((_EQUAL, 0, 1, value), _refusal(number))]


def _allow_values(values: tuple[int, ...]) -> list[Instruction]:
    jumps = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [*jumps, _refusal(errno.EPERM)]


def _refusal(number: int) -> Instruction:
    return (_RETURN, 0, 0, _REFUSE | number)


def _number(numbers: tuple[int, int]) -> int:
    found = numbers[_COLUMN[_machine()]]
    # Where the architecture lacks the call: a number that no call has.
    return found if found >= 0 else _FIRST_X32_CALL - 1


def _machine() -> str:
    machine = os.uname().machine
    if machine not in _COLUMN:
        raise OSError(errno.ENOSYS, f"no system call numbers for {machine}")
    return machine


def _install(program: list[Instruction]) -> None:
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    holder = ctypes.create_string_buffer(header, len(header))
    syscalls.prctl(syscalls.PR_SET_SECCOMP, syscalls.SECCOMP_MODE_FILTER, ctypes.addressof(holder))

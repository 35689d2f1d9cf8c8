"""System calls that a candidate has no honest use for, refused by the kernel; see seccomp(2).

A large filter is put on once and inherited. It refuses what reaches outside the process (tracing, mounts,
namespaces, keys, sockets, shared memory that no limit counts) and acting on another process's limits or
scheduling. A small one for each child, where there is no process tree of its own, refuses signals to others.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from . import kernel

_REFUSED = {  # name: number on x86_64, on aarch64; -1 where there is none
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280), "chroot": (161, 51),
    "clock_adjtime": (305, 266), "clock_settime": (227, 112), "delete_module": (176, 106),
    "fanotify_init": (300, 262), "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioperm": (173, -1), "iopl": (172, -1),
    "kcmp": (312, 272), "kexec_file_load": (320, 294), "kexec_load": (246, 104), "keyctl": (250, 219),
    "lookup_dcookie": (212, 18), "mbind": (237, 235), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "migrate_pages": (256, 238), "modify_ldt": (154, -1), "mount": (165, 40), "mount_setattr": (442, 442),
    "move_mount": (429, 429), "move_pages": (279, 239), "mq_open": (240, 180), "msgget": (68, 186),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pivot_root": (155, 41),
    "process_madvise": (440, 440), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "reboot": (169, 142), "request_key": (249, 218),
    "semget": (64, 190), "set_mempolicy": (238, 237), "setdomainname": (171, 162), "sethostname": (170, 161),
    "setns": (308, 268), "settimeofday": (164, 170), "shmget": (29, 194), "socket": (41, 198),
    "swapoff": (168, 225), "swapon": (167, 224), "syslog": (103, 116), "umount2": (166, 39),
    "unshare": (272, 97), "uselib": (134, -1), "userfaultfd": (323, 282), "vhangup": (153, 58),
}  # fmt: skip
_ABSENT = {"clone3": (435, 435)}  # its flags lie in memory, where no filter can read them: libc falls back
_ONLY_ON_ITSELF = {  # allowed where the first argument, a process, is 0
    "ioprio_set": (251, 30), "prlimit64": (302, 261), "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "setpriority": (141, 140),
}  # fmt: skip
_CLONE = (56, 220)
_SIGNALS = {
    "kill": (62, 129), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "tgkill": (234, 131), "tkill": (200, 130),
}  # fmt: skip

_COLUMN = {"x86_64": 0, "aarch64": 1}
_AUDIT_ARCH = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_FIRST_X32_CALL = 0x4000_0000
_NEW_NAMESPACES = 0x7E02_0080
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _REFUSE = 0x7FFF_0000, 0x8000_0000, 0x0005_0000

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def restrict_calls() -> None:
    """Put the large filter on this process and its offspring, for good.

    Raises:
        OSError: the kernel has no seccomp, or the process may still gain privileges.
    """
    program = _preamble()
    for name in _REFUSED:
        program += [(_EQUAL, 0, 1, _number(_REFUSED[name])), _refusal(errno.EPERM)]
    for name in _ABSENT:
        program += [(_EQUAL, 0, 1, _number(_ABSENT[name])), _refusal(errno.ENOSYS)]
    for name in _ONLY_ON_ITSELF:
        argument = (
            1 if name in ("setpriority", "ioprio_set") else 0
        )  # there, the first says what the next means
        program += _if_call(_ONLY_ON_ITSELF[name], argument, [(_EQUAL, 1, 0, 0), _refusal(errno.EPERM)])
    program += _if_call(_CLONE, 0, [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), _refusal(errno.EPERM)])
    _install([*program, (_RETURN, 0, 0, _ALLOW)])


def restrict_signals() -> None:
    """Let this process signal no other one, for good.

    Raises:
        OSError: as for ``restrict_calls``.
    """
    program = _preamble()
    for numbers in _SIGNALS.values():
        program += _if_call(numbers, 0, [(_EQUAL, 1, 0, os.getpid()), _refusal(errno.EPERM)])
    _install([*program, (_RETURN, 0, 0, _ALLOW)])


def _preamble() -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCH[_machine()]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _FIRST_X32_CALL),
        _refusal(errno.ENOSYS),
    ]


def _if_call(numbers: tuple[int, int], argument: int, then: list[Instruction]) -> list[Instruction]:
    """Return instructions that run ``then`` on an argument of one call and go on with the number loaded."""
    load = (_LOAD, 0, 0, _ARGUMENT + 8 * argument)
    again = (_LOAD, 0, 0, _NUMBER)
    return [(_EQUAL, 0, len(then) + 2, _number(numbers)), load, *then, again]


def _refusal(number: int) -> Instruction:
    return (_RETURN, 0, 0, _REFUSE | number)


def _number(numbers: tuple[int, int]) -> int:
    found = numbers[_COLUMN[_machine()]]
    return found if found >= 0 else _FIRST_X32_CALL - 1  # no call has this number


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
    kernel.prctl(kernel.PR_SET_SECCOMP, kernel.SECCOMP_MODE_FILTER, ctypes.addressof(holder))

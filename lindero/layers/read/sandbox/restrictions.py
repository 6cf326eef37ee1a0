"""Restrictions on the process that opens received files.

It has no network, no other files and no other programs, and its memory and time are limited. Each restriction is
requested from the operating system once and cannot be lifted, so it also binds a file that takes over the parser. Which
ones are available depends on the platform; `restrict_process` returns those that are active.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

_MEBIBYTE = 1024**2
_SECCOMP_SET, _NO_NEW_PRIVILEGES, _DEATH_SIGNAL, _FILTER_MODE = 22, 38, 1, 2  # prctl(2)
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on all architectures
_READ_FILE, _READ_FOLDER, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_RIGHTS_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_SCRATCH_RIGHTS = ((1 << 13) - 1) & ~_EXECUTE | 1 << 14  # read, write, create and delete; never execute
_TCP = 0b11  # bind, connect
_TCP_SINCE = 4
# pidfd_send_signal, io_uring_setup, pidfd_open, pidfd_getfd, fchmodat2, setxattrat: the same on all architectures
_NEW_CALLS = (424, 425, 434, 438, 452, 463)
_DENIED_CALLS = {  # by machine: its number; socket, socketpair, connect, bind, execve, execveat, ptrace, process_vm, …
    "x86_64": (
        0xC000003E,
        *(41, 53, 42, 49, 59, 322, 101, 310, 311, 321, 298, 62, 200, 165, 272, 308),
        *(90, 91, 268, 92, 93, 94, 260, 188, 189, 190, 248, 249, 250),  # chmod, chown, setxattr, keys
    ),
    "aarch64": (
        0xC00000B7,
        *(198, 199, 203, 200, 221, 281, 117, 270, 271, 280, 241, 129, 130, 40, 97, 268),
        *(52, 53, 54, 55, 5, 6, 7, 217, 218, 219),
    ),
}
_OWN_CALLS = {"x86_64": (234, 302), "aarch64": (131, 261)}  # tgkill and prlimit, for this process alone
_X32 = 0x40000000  # first system call of the x32 ABI of x86-64
_EXTENDED = 9  # JobObjectExtendedLimitInformation
_PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE = 0x2, 0x8, 0x100, 0x400
_TICKS = 10_000_000  # per second: the unit is 100 nanoseconds
_SIZE = ctypes.c_size_t
_DWORD = ctypes.c_uint32


@dataclass(frozen=True)
class Limits:
    """The limits on reading one file."""

    memory_bytes: int = 3 * 1024 * _MEBIBYTE
    seconds: int = 300
    written_bytes: int = 4 * 1024 * _MEBIBYTE
    rows: int = 5_000_000
    geometry_bytes: int = 4 * 1024 * _MEBIBYTE  # 16 bytes per vertex: about 250 million vertices
    attribute_bytes: int = 512 * _MEBIBYTE  # of other fields; each cell counts 8 bytes more, each nested value 64
    fields: int = 4_096


def restrict_process(limits: Limits, *, readable: Iterable[Path], scratch: Path | None) -> tuple[str, ...]:
    """Restrict this process permanently: it reads `readable` and Python's own files, and writes only in `scratch`.

    Returns: the restrictions that are active: `memory` and `time` (POSIX; Windows: a job object), `file_size` (POSIX),
    `files` (Linux: Landlock), `network` (Linux: seccomp, or a separate network namespace), `programs` (Linux: seccomp;
    Windows: the job object), and `python` (everywhere: an audit hook).
    """
    roots = _library_folders()
    files = [path.resolve() for path in readable]
    active = [*_set_resource_limits(limits)]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DEATH_SIGNAL, 9, 0, 0, 0)
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            if _restrict_files(libc, files, roots, scratch):
                active.append("files")
            if _filter_syscalls(libc):
                active += ["network", "programs"]
        if "network" not in active and _isolate_network(libc):
            active.append("network")
    if sys.platform == "win32":
        active += join_job_object(limits.memory_bytes, limits.seconds)
    _add_audit_hook(files, roots, scratch)
    return (*active, "python")


def _library_folders() -> list[Path]:
    """Return the folders from which imports and libraries are loaded.

    Of Lindero itself, only the folder of the `layers` package is included.
    """
    paths = {
        *sys.path,
        sys.prefix + "/lib",
        sys.base_prefix + "/lib",
        *("/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo"),
    }
    layers_folder = Path(__file__).parents[2]  # the folder of `layers`
    root = layers_folder.parents[1]  # the root of a clone, which contains more than code, or the folder of all packages
    excluded = {root} if (root / "pyproject.toml").is_file() else set()
    candidates = {Path(place).resolve() for place in paths if place} - excluded
    return [layers_folder, *(place for place in sorted(candidates) if place.exists())]


def _set_resource_limits(limits: Limits) -> list[str]:
    try:
        import resource  # POSIX only
    except ImportError:
        return []
    active = []
    settings = (
        ("memory", "RLIMIT_DATA", limits.memory_bytes),
        ("memory", "RLIMIT_AS", 4 * limits.memory_bytes),
        ("time", "RLIMIT_CPU", limits.seconds),
        ("file_size", "RLIMIT_FSIZE", limits.written_bytes),
        ("core", "RLIMIT_CORE", 0),
    )
    for restriction, name, limit in settings:
        with suppress(ValueError, OSError, AttributeError):
            resource_id = getattr(resource, name)
            hard_limit = resource.getrlimit(resource_id)[1]
            allowed_limit = limit if hard_limit == resource.RLIM_INFINITY else min(limit, hard_limit)
            resource.setrlimit(resource_id, (allowed_limit, allowed_limit))
            active.append(restriction)
    return [restriction for restriction in dict.fromkeys(active) if restriction != "core"]


def _restrict_files(libc: ctypes.CDLL, files: list[Path], roots: list[Path], scratch: Path | None) -> bool:
    """Restrict file access to the given paths with Landlock (Linux 5.13 and later); return whether it is active."""
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = sum(rights for since, rights in _RIGHTS_BY_VERSION if version >= since)
    rules = struct.pack("=QQ", handled, _TCP if version >= _TCP_SINCE else 0)
    ruleset = libc.syscall(_LANDLOCK_CREATE, rules, len(rules) if version >= _TCP_SINCE else 8, 0)
    if ruleset < 0:
        return False
    allowed = [(path, _READ_FILE) for path in files]
    allowed += [(root, _READ_FILE | (_READ_FOLDER if root.is_dir() else 0)) for root in roots]
    allowed += [(scratch, _SCRATCH_RIGHTS & handled)] if scratch else []
    for path, rights in allowed:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, descriptor)
        status = libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0)
        os.close(descriptor)
        if status != 0:
            return False
    is_active = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(is_active)


def _filter_syscalls(libc: ctypes.CDLL) -> bool:
    """Block sockets, programs, chmod and access to other processes with seccomp; return whether it is active."""
    if platform.machine() not in _DENIED_CALLS:
        return False
    audit, *calls = (*_DENIED_CALLS[platform.machine()], *_NEW_CALLS)
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050001, 0x7FFF0000  # fail with EPERM; allow the call
    tgkill, prlimit = _OWN_CALLS[platform.machine()]
    own = [(tgkill, os.getpid()), (prlimit, 0)]  # the call, and the only process that it may name
    allowed = 4 + 3 * len(own) + len(calls)  # the position of the last step but one; the refusal follows
    # Calls of another architecture are refused. Each denied call then jumps to the refusal at the end.
    code = [(load, 0, 0, 4), (equal, 0, allowed - 1, audit), (load, 0, 0, 0), (at_least, allowed - 3, 0, _X32)]
    for call, process in own:
        code += [(equal, 0, 2, call), (load, 0, 0, 16)]
        code.append((equal, allowed - len(code) - 1, allowed - len(code), process))
    for call in calls:
        code.append((equal, allowed - len(code), 0, call))
    code += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    program = b"".join(struct.pack("=HBBI", *step) for step in code)
    text = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(code), ctypes.addressof(text))
    return bool(libc.prctl(_SECCOMP_SET, _FILTER_MODE, head, 0, 0) == 0)


def _isolate_network(libc: ctypes.CDLL) -> bool:
    """Move the process to an empty network namespace where users may do so; return whether it worked."""
    new_user, new_network = 0x10000000, 0x40000000
    return bool(libc.unshare(new_user | new_network) == 0 or libc.unshare(new_network) == 0)


def _add_audit_hook(files: list[Path], roots: list[Path], scratch: Path | None) -> None:
    """Refuse sockets, programs and other files with a Python audit hook, in case the kernel does not."""
    folders = tuple(f"{folder}{os.sep}" for folder in ([scratch.resolve()] if scratch else []) + roots)
    allowed_paths = {*map(str, files), *map(str, roots)}
    blocked_events = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen")

    def check_event(event: str, details: tuple[object, ...]) -> None:
        if event.startswith(blocked_events):
            raise PermissionError(event)
        if event == "open" and isinstance(details[0], str | bytes):
            opened_path = os.path.realpath(os.fsdecode(details[0]))
            if opened_path not in allowed_paths and not opened_path.startswith(folders):
                raise PermissionError(event, opened_path)

    sys.addaudithook(check_event)


# Restrictions on Windows for a process that restricts itself: a job object, which cannot be left again.
#
# It limits memory and processor time, and prevents the start of other programs. It does not protect files or the
# network: on Windows only Python refuses access to them. Structures and numbers are those of winnt.h.


class _BasicLimits(ctypes.Structure):
    _fields_: ClassVar = [
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", _DWORD),
        ("least_working_set", _SIZE),
        ("most_working_set", _SIZE),
        ("processes", _DWORD),
        ("affinity", _SIZE),
        ("priority", _DWORD),
        ("scheduling", _DWORD),
    ]


class ExtendedLimits(ctypes.Structure):
    """The Windows structure JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_: ClassVar = [
        ("basic", _BasicLimits),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", _SIZE),
        ("job_memory", _SIZE),
        ("peak_process_memory", _SIZE),
        ("peak_job_memory", _SIZE),
    ]


def join_job_object(memory_bytes: int, seconds: int, *, kernel32: Any = None) -> tuple[str, ...]:
    """Move this process into a job object of its own, and return the restrictions that are active.

    They are `memory`, `time` and `programs`, or none. `kernel32` is the system library; by default it is loaded from
    Windows.
    """
    library = kernel32 or ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    library.CreateJobObjectW.restype = ctypes.c_void_p
    library.GetCurrentProcess.restype = ctypes.c_void_p
    job = library.CreateJobObjectW(None, None)
    if not job:
        return ()
    limits = ExtendedLimits()
    limits.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE
    limits.basic.process_time = seconds * _TICKS
    limits.basic.processes = 1
    limits.process_memory = memory_bytes
    size = ctypes.sizeof(limits)
    handle, process = ctypes.c_void_p(job), ctypes.c_void_p(library.GetCurrentProcess())
    is_set = library.SetInformationJobObject(handle, _EXTENDED, ctypes.byref(limits), size)
    is_active = bool(is_set and library.AssignProcessToJobObject(handle, process))
    return ("memory", "time", "programs") if is_active else ()

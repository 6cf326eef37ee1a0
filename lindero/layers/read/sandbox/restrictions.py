"""
Walls round the process that opens received files: no network, no other file, no other program, bounded appetite.

Everything here asks the operating system, once, and cannot be taken back: a file that takes over the code that parses
it meets the walls too. Each platform puts up what it has; `raise_walls` says which stand.
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
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same numbers on every machine
_READ_FILE, _READ_FOLDER, _EXECUTE = 1 << 2, 1 << 3, 1 << 0
_EVERYTHING_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_IN_SCRATCH = ((1 << 13) - 1) & ~_EXECUTE | 1 << 14  # read, write, make and remove; never run
_TCP = 0b11  # bind, connect
_TCP_SINCE = 4
_DENIED = {  # by machine: its number, then socket, socketpair, connect, bind, execve, execveat, ptrace, …
    "x86_64": (0xC000003E, (41, 53, 42, 49, 59, 322, 101, 310, 311, 321, 425, 298, 62, 200, 165, 272, 308)),
    "aarch64": (0xC00000B7, (198, 199, 203, 200, 221, 281, 117, 270, 271, 280, 425, 241, 129, 130, 40, 97, 268)),
}
_X32 = 0x40000000  # system calls of x86-64's other dialect begin here
_EXTENDED = 9  # JobObjectExtendedLimitInformation
_PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE = 0x2, 0x8, 0x100, 0x400
_TICKS = 10_000_000  # a second, in units of 100 nanoseconds
_SIZE = ctypes.c_size_t
_DWORD = ctypes.c_uint32


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost."""

    memory_bytes: int = 3 * 1024 * _MEBIBYTE
    seconds: int = 300
    written_bytes: int = 4 * 1024 * _MEBIBYTE
    rows: int = 5_000_000
    geometry_bytes: int = 4 * 1024 * _MEBIBYTE  # 16 a corner: some 250 million corners
    attribute_bytes: int = 512 * _MEBIBYTE  # of all other fields, with 8 a cell and 64 a value within one
    fields: int = 4_096


def raise_walls(limits: Limits, *, readable: Iterable[Path], scratch: Path) -> tuple[str, ...]:
    """
    Wall this process in, for good: it reads `readable` and Python's own files, and writes in `scratch` alone.

    Returns
    -------
    tuple of str
        Those that stand: `memory` and `time` (POSIX; Windows: a job object), `file_size` (POSIX), `files` (Linux:
        Landlock), `network` (Linux: seccomp, or a network of its own), `programs` (Linux: seccomp; Windows: the job
        object), and `python` (everywhere: an audit hook).
    """
    roots = _pythons_own()
    files = [path.resolve() for path in readable]
    standing = [*_bounded(limits)]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_DEATH_SIGNAL, 9, 0, 0, 0)
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
            if _landlocked(libc, files, roots, scratch):
                standing.append("files")
            if _filtered(libc):
                standing += ["network", "programs"]
        if "network" not in standing and _unshared(libc):
            standing.append("network")
    if sys.platform == "win32":
        standing += bounded(limits.memory_bytes, limits.seconds)
    _watch(files, roots, scratch)
    return (*standing, "python")


def _pythons_own() -> list[Path]:
    """Folders that imports and libraries come from; of the program itself only its code for layers."""
    places = {
        *sys.path,
        sys.prefix + "/lib",
        sys.base_prefix + "/lib",
        *("/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo"),
    }
    here = Path(__file__).parents[2]  # the folder layers
    root = here.parents[1]  # of a clone, which holds more than code; or where all packages are installed
    own = {root} if (root / "pyproject.toml").is_file() else set()
    found = {Path(place).resolve() for place in places if place} - own
    return [here, *(place for place in sorted(found) if place.exists())]


def _bounded(limits: Limits) -> list[str]:
    try:
        import resource  # POSIX only
    except ImportError:
        return []
    standing = []
    wanted = (
        ("memory", "RLIMIT_DATA", limits.memory_bytes),
        ("memory", "RLIMIT_AS", 4 * limits.memory_bytes),
        ("time", "RLIMIT_CPU", limits.seconds),
        ("file_size", "RLIMIT_FSIZE", limits.written_bytes),
        ("core", "RLIMIT_CORE", 0),
    )
    for wall, name, most in wanted:
        with suppress(ValueError, OSError, AttributeError):
            which = getattr(resource, name)
            ceiling = resource.getrlimit(which)[1]
            most_allowed = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
            resource.setrlimit(which, (most_allowed, most_allowed))
            standing.append(wall)
    return [wall for wall in dict.fromkeys(standing) if wall != "core"]


def _landlocked(libc: ctypes.CDLL, files: list[Path], roots: list[Path], scratch: Path) -> bool:
    """Let the kernel refuse every file but these (Landlock, Linux 5.13 and later)."""
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = sum(rights for since, rights in _EVERYTHING_BY_VERSION if version >= since)
    rules = struct.pack("=QQ", handled, _TCP if version >= _TCP_SINCE else 0)
    ruleset = libc.syscall(_LANDLOCK_CREATE, rules, len(rules) if version >= _TCP_SINCE else 8, 0)
    if ruleset < 0:
        return False
    allowed = [(path, _READ_FILE) for path in files]
    allowed += [(root, _READ_FILE | (_READ_FOLDER if root.is_dir() else 0)) for root in roots]
    allowed.append((scratch, _IN_SCRATCH & handled))
    for path, rights in allowed:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, place)
        added = libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0)
        os.close(place)
        if added != 0:
            return False
    restricted = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(restricted)


def _filtered(libc: ctypes.CDLL) -> bool:
    """Let the kernel refuse sockets, programs and looks into other processes (seccomp)."""
    if platform.machine() not in _DENIED:
        return False
    audit, calls = _DENIED[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050001, 0x7FFF0000  # "not permitted"; go on
    # calls of another machine's kind are refused; then each call that is denied jumps to the refusal at the end
    code = [(load, 0, 0, 4), (equal, 0, len(calls) + 2, audit), (load, 0, 0, 0), (at_least, len(calls), 0, _X32)]
    code += [(equal, len(calls) - i - 1, 0, call) for i, call in enumerate(calls[:-1])]
    code += [(equal, 0, 1, calls[-1]), (answer, 0, 0, refuse), (answer, 0, 0, allow)]
    program = b"".join(struct.pack("=HBBI", *step) for step in code)
    text = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(code), ctypes.addressof(text))
    return bool(libc.prctl(_SECCOMP_SET, _FILTER_MODE, head, 0, 0) == 0)


def _unshared(libc: ctypes.CDLL) -> bool:
    """Take a network of its own, in which there is nobody (where users may)."""
    new_user, new_network = 0x10000000, 0x40000000
    return bool(libc.unshare(new_user | new_network) == 0 or libc.unshare(new_network) == 0)


def _watch(files: list[Path], roots: list[Path], scratch: Path) -> None:
    """Refuse in Python what the kernel may not: sockets, programs, other files."""
    folders = tuple(f"{folder}{os.sep}" for folder in (scratch.resolve(), *roots))
    single = {*map(str, files), *map(str, roots)}
    refused = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ctypes.dlopen")

    def hook(event: str, details: tuple[object, ...]) -> None:
        if event.startswith(refused):
            raise PermissionError(event)
        if event == "open" and isinstance(details[0], str | bytes):
            wanted = os.path.realpath(os.fsdecode(details[0]))
            if wanted not in single and not wanted.startswith(folders):
                raise PermissionError(event, wanted)

    sys.addaudithook(hook)


# The walls that Windows has for a process that walls itself in: a job object, which cannot be left again.
#
# It bounds memory and processor time, and lets no other program be started. It keeps nothing from files and from the
# network: what refuses those on Windows is Python alone. Structures and numbers are those of winnt.h.


class _Basic(ctypes.Structure):
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


class Extended(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_: ClassVar = [
        ("basic", _Basic),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", _SIZE),
        ("job_memory", _SIZE),
        ("peak_process_memory", _SIZE),
        ("peak_job_memory", _SIZE),
    ]


def bounded(memory_bytes: int, seconds: int, *, kernel32: Any = None) -> tuple[str, ...]:
    """
    Put this process into a job of its own; gives the walls that stand: `memory`, `time`, `programs`, or none.

    `kernel32` is the system's library; on Windows it is found.
    """
    library = kernel32 or ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    library.CreateJobObjectW.restype = ctypes.c_void_p
    library.GetCurrentProcess.restype = ctypes.c_void_p
    job = library.CreateJobObjectW(None, None)
    if not job:
        return ()
    limits = Extended()
    limits.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE
    limits.basic.process_time = seconds * _TICKS
    limits.basic.processes = 1
    limits.process_memory = memory_bytes
    size = ctypes.sizeof(limits)
    handle, own = ctypes.c_void_p(job), ctypes.c_void_p(library.GetCurrentProcess())
    is_set = library.SetInformationJobObject(handle, _EXTENDED, ctypes.byref(limits), size)
    stands = bool(is_set and library.AssignProcessToJobObject(handle, own))
    return ("memory", "time", "programs") if stands else ()

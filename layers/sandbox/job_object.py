"""
The walls that Windows has for a process that walls itself in: a job object, which cannot be left again.

It bounds memory and processor time, and lets no other program be started. It keeps nothing from files and from the
network: what refuses those on Windows is Python alone. Structures and numbers are those of winnt.h.
"""

import ctypes
from typing import Any, ClassVar

_EXTENDED = 9  # JobObjectExtendedLimitInformation
_PROCESS_TIME, _ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE = 0x2, 0x8, 0x100, 0x400
_TICKS = 10_000_000  # a second, in units of 100 nanoseconds
_SIZE = ctypes.c_size_t
_DWORD = ctypes.c_uint32


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
    told = Extended()
    told.basic.flags = _PROCESS_TIME | _ACTIVE_PROCESS | _PROCESS_MEMORY | _DIE
    told.basic.process_time = seconds * _TICKS
    told.basic.processes = 1
    told.process_memory = memory_bytes
    size = ctypes.sizeof(told)
    handle, own = ctypes.c_void_p(job), ctypes.c_void_p(library.GetCurrentProcess())
    is_set = library.SetInformationJobObject(handle, _EXTENDED, ctypes.byref(told), size)
    stands = bool(is_set and library.AssignProcessToJobObject(handle, own))
    return ("memory", "time", "programs") if stands else ()

"""The CPU cores, the memory and the cache folder that the program may use.

Cores and memory are those available to this process: the processors that it may run on, and the limits of its control
group (a container or a systemd unit). The environment variables `LINDERO_CORES` and `LINDERO_MEMORY_MB` can lower these
limits, but not raise them.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MB = 1024**2
_LEAST_MB, _MOST_MB = 256, 4096  # of the database during a build
_UNKNOWN_MB = 4096  # of a system that does not state its memory
_MOST_FILES = 65_536  # no server keeps as many connections
_V1_UNLIMITED = 2**60  # bytes: cgroup v1 uses such a value for "no limit"


@dataclass(frozen=True)
class Machine:
    """The number of cores and bytes of memory that this process may use."""

    cores: int
    memory_bytes: int

    @property
    def database_mb(self) -> int:
        """Memory for the database during a build, in megabytes: a 96th of the memory.

        Larger results are spilled to disk.
        """
        return min(max(self.memory_bytes // 96 // _MB, _LEAST_MB), _MOST_MB)

    @classmethod
    def from_system(cls, root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> "Machine":
        """Detect the limits of this machine. `root` is the root of its file system."""
        groups = list(_control_groups(root))
        cores = [
            _count_processors(),
            *_parse_positive_integer(environment.get("LINDERO_CORES")),
            *_core_quotas(root, groups),
        ]
        memory = [
            _physical_memory_bytes(),
            *(mb * _MB for mb in _parse_positive_integer(environment.get("LINDERO_MEMORY_MB"))),
        ]
        return cls(max(min(cores), 1), min([*memory, *_memory_limits(root, groups)]))


@cache
def machine() -> Machine:
    """Return the limits of this machine, which are detected once per process."""
    return Machine.from_system()


def _count_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical_memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN_MB * _MB


def _control_groups(root: Path) -> Iterator[Path]:
    """Yield the folders of the control group of this process and of its parents. The limits of all of them apply."""
    home = root / "sys/fs/cgroup"
    lines = _read_text(root / "proc/self/cgroup").splitlines()
    group_path = next((line.removeprefix("0::").strip("/") for line in lines if line.startswith("0::")), "")
    folder = home / group_path
    while folder != home:
        yield folder
        folder = folder.parent
    yield home


def _core_quotas(root: Path, groups: list[Path]) -> Iterator[int]:
    """Yield the numbers of cores that the control groups allow, rounded up to whole cores."""
    for group in groups:
        match _read_text(group / "cpu.max").split():
            case [quota, period] if quota.isdigit() and int(period):
                yield -(-int(quota) // int(period))
    older = root / "sys/fs/cgroup/cpu"
    quota, period = (_read_text(older / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    if quota.isdigit() and period.isdigit() and int(period):
        yield -(-int(quota) // int(period))


def _memory_limits(root: Path, groups: list[Path]) -> Iterator[int]:
    """Yield the numbers of bytes that the control groups allow."""
    for group in groups:
        yield from _parse_positive_integer(_read_text(group / "memory.max"))
    yield from (
        limit
        for limit in _parse_positive_integer(_read_text(root / "sys/fs/cgroup/memory/memory.limit_in_bytes"))
        if limit < _V1_UNLIMITED
    )


def _parse_positive_integer(text: str | None) -> list[int]:
    """Parse a positive integer. The list is empty if the text is not a positive integer."""
    digits = (text or "").strip()
    return [int(digits)] if digits.isdigit() and int(digits) else []


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def raise_file_limit() -> None:
    """Raise the number of files and connections that this process may have open as far as the system allows."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # Unix only

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@cache
def cache_folder() -> Path | None:
    """Return the user's cache folder of the program, and create it if needed.

    The result is None if the folder cannot be created, if other users can write to it, or if it is not writable.
    """
    from platformdirs import user_cache_path  # loaded only where the cache folder is used

    home = user_cache_path("lindero", appauthor=False)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return home if _is_private(home) and os.access(home, os.W_OK) else None


def _is_private(home: Path) -> bool:
    state = home.stat()
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o022)

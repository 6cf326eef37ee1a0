"""
What this machine lets the program use: the one place that says how many cores, how much memory, and where to cache.

Cores and memory are those of the machine, or of the part of it that this process was given: the processors that it may
run on, and what its control group (a container, a unit of systemd) may take. `LINDERO_CORES` and `LINDERO_MEMORY_MB`
say less, never more.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MB = 1024**2
_LEAST_MB, _MOST_MB = 256, 4096  # of the database while a map is made
_UNKNOWN_MB = 4096  # of a system that does not tell
_V1_UNLIMITED = 2**60  # bytes: how the older control groups say that there is no limit


@dataclass(frozen=True)
class Machine:
    """Cores and bytes of memory that this process may use."""

    cores: int
    memory_bytes: int

    @property
    def database_mb(self) -> int:
        """Of the database while a map is made, which spills what needs more: a 48th part of the memory."""
        return min(max(self.memory_bytes // 48 // _MB, _LEAST_MB), _MOST_MB)

    @property
    def at_ease_bytes(self) -> int:
        """Of a prepared layer that may stay in memory, and is not read again: a 96th part of the memory."""
        return max(self.memory_bytes // 96, 64 * _MB)

    @classmethod
    def here(cls, root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> "Machine":
        """Look at this machine; `root` is where its files lie."""
        groups = list(_groups(root))
        cores = [_processors(), *_whole(environment.get("LINDERO_CORES")), *_quotas(root, groups)]
        memory = [_installed(), *(mb * _MB for mb in _whole(environment.get("LINDERO_MEMORY_MB")))]
        return cls(max(min(cores), 1), min([*memory, *_limits(root, groups)]))


@cache
def machine() -> Machine:
    """Give this machine, looked at once."""
    return Machine.here()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _installed() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN_MB * _MB


def _groups(root: Path) -> Iterator[Path]:
    """Name the control group of this process, and those that it lies in, whose limits hold for it, too."""
    home = root / "sys/fs/cgroup"
    lines = _text(root / "proc/self/cgroup").splitlines()
    own = next((line.removeprefix("0::").strip("/") for line in lines if line.startswith("0::")), "")
    place = home / own
    while place != home:
        yield place
        place = place.parent
    yield home


def _quotas(root: Path, groups: list[Path]) -> Iterator[int]:
    """Give the cores that control groups allow, a started one as a whole one."""
    for group in groups:
        match _text(group / "cpu.max").split():
            case [quota, period] if quota.isdigit() and int(period):
                yield -(-int(quota) // int(period))
    older = root / "sys/fs/cgroup/cpu"
    quota, period = (_text(older / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period"))
    if quota.isdigit() and period.isdigit() and int(period):
        yield -(-int(quota) // int(period))


def _limits(root: Path, groups: list[Path]) -> Iterator[int]:
    """Give the bytes that control groups allow."""
    for group in groups:
        yield from _whole(_text(group / "memory.max"))
    yield from (
        limit for limit in _whole(_text(root / "sys/fs/cgroup/memory/memory.limit_in_bytes")) if limit < _V1_UNLIMITED
    )


def _whole(text: str | None) -> list[int]:
    """Read a whole number above 0; nothing of what is none."""
    digits = (text or "").strip()
    return [int(digits)] if digits.isdigit() and int(digits) else []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


@cache
def cache_folder() -> Path | None:
    """Name that folder, made if need be; None where there is none that is the user's alone and can be written to."""
    from platformdirs import user_cache_path  # loaded where something is kept or looked for there

    home = user_cache_path("lindero", appauthor=False)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return home if _is_private(home) and os.access(home, os.W_OK) else None


def _is_private(home: Path) -> bool:
    state = home.stat()
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o022)

"""The files that this server hands to browsers, and their address."""

from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"


def _state() -> str:
    """Return a name that changes with any file under `app/static`."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    told = "".join(f"{path.relative_to(STATIC).as_posix()} {sha256(path.read_bytes()).hexdigest()}" for path in files)
    return sha256(told.encode()).hexdigest()[:16]


# What a browser has of this address it need never ask for again: other files have another address.
PREFIX = f"/assets/{_state()}/"

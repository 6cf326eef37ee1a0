"""The files that this server sends to browsers, and the prefix of their URLs."""

from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"


def _content_hash() -> str:
    """Return a hash that changes with any file under `app/static`."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    listing = "".join(
        f"{path.relative_to(STATIC).as_posix()} {sha256(path.read_bytes()).hexdigest()}" for path in files
    )
    return sha256(listing.encode()).hexdigest()[:16]


# What a browser has of this address it need never ask for again: other files have another address.
PREFIX = f"/assets/{_content_hash()}/"

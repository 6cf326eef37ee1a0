"""The files that this server sends to browsers, and the prefix of their URLs."""

from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"


def _content_hash() -> str:
    """Return a hash that changes with any file under `app/static`."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    listing = "".join(
        f"{path.relative_to(STATIC).as_posix()} {sha256(path.read_bytes()).hexdigest()}" for path in files
    )
    return sha256(listing.encode()).hexdigest()[:16]


# The address contains a hash of the content, so browsers may keep the files and never ask again.
PREFIX = f"/assets/{_content_hash()}/"

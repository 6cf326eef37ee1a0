"""
What a translator's file (.po) says, as gettext looks it up.

To read some 3,000 messages takes longer than many a command, and so what was read is cached among the user's caches, by
the content of the file: a change to it is read anew, and where nothing can be cached it is read each time.
"""

import gettext
import io
import os
import struct
from hashlib import blake2b
from pathlib import Path

import babel

from lindero.geo import user_cache

RETAINED = 4
"""Versions of each language: other copies of the program may be of another."""


def translations(path: Path) -> gettext.GNUTranslations:
    """Read a .po file of UTF-8, or what is cached of it."""
    said = path.read_bytes()
    folder = user_cache.folder()
    if folder is None:
        return _translations(_compiled(said))
    language = path.parents[1].name
    cached = folder / f"words-{language}-{blake2b(said, digest_size=8).hexdigest()}-{babel.__version__}.mo"
    try:
        return _translations(cached.read_bytes())
    except (OSError, ValueError, struct.error):  # there is none yet, or it is damaged
        compiled = _compiled(said)
        _put(cached, compiled, others=f"words-{language}-*.mo")
        return _translations(compiled)


def texts(path: Path) -> list[str]:
    """Give all messages of a .po file and their translations."""
    from babel.messages.pofile import read_po  # noqa: PLC0415  which starting waits for only where nothing is cached

    found: list[str] = []
    with path.open("rb") as file:
        for message in read_po(file):
            for said in (message.id, message.string):
                found += [said] if isinstance(said, str) else list(said or ())
    return found


def _compiled(said: bytes) -> bytes:
    from babel.messages.mofile import write_mo  # noqa: PLC0415  as above
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(said)))
    return compiled.getvalue()


def _translations(compiled: bytes) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compiled))


def _put(cached: Path, compiled: bytes, *, others: str) -> None:
    """Cache a file, whole or not at all, and let go of the oldest; a full disk is no reason to say nothing."""
    new = cached.with_suffix(f".{os.getpid()}")
    try:
        new.write_bytes(compiled)
        new.replace(cached)
        for old in sorted(cached.parent.glob(others), key=_written_at, reverse=True)[RETAINED:]:
            old.unlink(missing_ok=True)
    except OSError:
        new.unlink(missing_ok=True)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile

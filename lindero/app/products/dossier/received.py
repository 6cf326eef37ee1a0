"""Which received files a dossier passes on: of land alone, whole, and under a licence that says that they may be."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lindero.app.text.i18n import _
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, check_file, parts, sha256

FOLDER = "received"
OPEN_LICENCE = re.compile(
    r"(CC0([ -]1\.0)?|CC[ -]BY(-NC)?(-SA|-ND)?[ -]\d\.\d( IGO)?|ODbL([ -]1\.0)?|ODC-By([ -]1\.0)?|PDDL([ -]1\.0)?"
    r"|public domain|dominio público)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_OF_SEVERAL = (".zip", ".kmz", ".gz", ".tar", ".7z")
PERSONS = N_("the same file also gave rows of a layer that holds persons")
LICENCE = N_("its licence, as stated, is none that is known to let it be passed on")
MORE = N_("it may hold more than the rows that were read: an archive, or a file of several layers")


@dataclass(frozen=True)
class File:
    """A received file: its hash, the names that it goes by in the dossier, and why it is not in it, if it is not."""

    source: Source
    sha256: str
    names: tuple[str, ...]
    why_not: str = ""


def copy_open_files(space: Workspace, sources: Iterable[Source], folder: Path) -> list[File]:
    """
    Copy into a folder what may be passed on of the files that sources were read from; names all of them.

    Raises
    ------
    SourceError
        If a file is gone, or not as it was received.
    """
    by_key = {(entry.id, entry.snapshot_on): entry for entry in space.sources}
    entries = [(one, by_key.get((one.source_id, f"{one.snapshot_on:%Y-%m-%d}"))) for one in sources]
    return [_copied(space, source, entry, folder) for source, entry in entries if entry is not None]


def why_not(space: Workspace, entry: SourceEntry) -> str:
    """Say why a received file is not passed on; nothing if it is."""
    same = [other for other in space.sources if other.file == entry.file or other.sha256 == entry.sha256]
    if any(other.layer in OF_PERSONS for other in same):
        return PERSONS
    if not OPEN_LICENCE.fullmatch(entry.licence.strip()):
        return LICENCE
    if entry.sublayer or Path(entry.file).suffix.lower() in _OF_SEVERAL:
        return MORE
    return ""


def table(files: Iterable[File]) -> pd.DataFrame:
    """List received files: whose they are, on what terms, their hashes, and whether they are in the dossier."""
    rows = [
        {
            "source_id": file.source.source_id,
            "layer": file.source.layer,
            "title": file.source.title,
            "publisher": file.source.publisher,
            "licence": file.source.licence,
            "url": file.source.url,
            "as_of": file.source.as_of,
            "retrieved_on": file.source.retrieved_on,
            "sha256": file.sha256,
            "in_this_dossier": " ".join(file.names),
            "why_not": _(file.why_not) if file.why_not else "",
        }
        for file in files
    ]
    return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["source_id", "sha256"])


def _copied(space: Workspace, source: Source, entry: SourceEntry, folder: Path) -> File:
    check_file(space, entry)
    path = space.folder / entry.file
    whole = sha256(path)
    if reason := why_not(space, entry):
        return File(source, whole, (), reason)
    names = []
    for part in parts(path):  # the name that a file came with may tell who sent it
        suffix = part.suffix.lower() if _SUFFIX.fullmatch(part.suffix.lower()) else ""
        names.append(f"{source.layer}-{whole[:12]}{suffix}")
        shutil.copyfile(part, folder / names[-1])
    return File(source, whole, tuple(names))

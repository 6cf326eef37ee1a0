"""The received files that a dossier passes on.

These are files of land data only, complete, and under a licence that allows it.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lindero.app.text.i18n import _
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, check_file, file_sha256, list_parts

FOLDER = "received"
OPEN_LICENCE = re.compile(
    r"(CC0([ -]1\.0)?|CC[ -]BY(-NC)?(-SA|-ND)?[ -]\d\.\d( IGO)?|ODbL([ -]1\.0)?|ODC-By([ -]1\.0)?|PDDL([ -]1\.0)?"
    r"|public domain|dominio público)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_ARCHIVE_SUFFIXES = (".zip", ".kmz", ".gz", ".tar", ".7z")
PERSONS = N_("the same file also has rows of a layer about people")
LICENCE = N_("its stated licence is not known to allow passing it on")
MAY_HOLD_MORE = N_("it may contain more than the rows that were read: it is an archive or has several layers")


@dataclass(frozen=True)
class DossierFile:
    """A received file: its hash and its names in the dossier.

    If it is not included, `names` is empty and `why_not` is the reason.
    """

    source: Source
    sha256: str
    names: tuple[str, ...]
    why_not: str = ""


def copy_open_files(space: Workspace, sources: Iterable[Source], folder: Path) -> list[DossierFile]:
    """Copy the received files of sources that may be passed on into a folder. All received files are returned."""
    by_key = {(entry.id, entry.snapshot_on): entry for entry in space.sources}
    entries = [
        (cited_source, by_key.get((cited_source.source_id, f"{cited_source.snapshot_on:%Y-%m-%d}")))
        for cited_source in sources
    ]
    return [_copy_file(space, source, entry, folder) for source, entry in entries if entry is not None]


def refusal_reason(space: Workspace, entry: SourceEntry) -> str:
    """Return the reason why a received file is not passed on; empty if it is."""
    same_entries = [
        other_entry
        for other_entry in space.sources
        if other_entry.file == entry.file or other_entry.sha256 == entry.sha256
    ]
    if any(other_entry.layer in PERSON_LAYERS for other_entry in same_entries):
        return PERSONS
    if not OPEN_LICENCE.fullmatch(entry.licence.strip()):
        return LICENCE
    if entry.sublayer or Path(entry.file).suffix.lower() in _ARCHIVE_SUFFIXES:
        return MAY_HOLD_MORE
    return ""


def build_table(files: Iterable[DossierFile]) -> pd.DataFrame:
    """Return a table of received files: publishers, terms, hashes, and whether the dossier includes them."""
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


def _copy_file(space: Workspace, source: Source, entry: SourceEntry, folder: Path) -> DossierFile:
    check_file(space, entry)
    path = space.folder / entry.file
    digest = file_sha256(path)
    if reason := refusal_reason(space, entry):
        return DossierFile(source, digest, (), reason)
    names = []
    for part in list_parts(path):  # the original name of a file may reveal who sent it
        suffix = part.suffix.lower() if _SUFFIX.fullmatch(part.suffix.lower()) else ""
        names.append(f"{source.layer}-{digest[:12]}{suffix}")
        shutil.copyfile(part, folder / names[-1])
    return DossierFile(source, digest, tuple(names))

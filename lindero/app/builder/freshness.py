"""Whether a map is up to date with its workspace, by hashes.

It is checked before each answer. Therefore this module imports no reader of files.
"""

import hashlib

from lindero.app.builder.rows.invented_names import choose_mark
from lindero.layers.consent import tombstones
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS, TABLES
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import DATES, DESCRIPTION_OPTIONS

READER = "23"  # version of the rules for rows; a new one makes builds read every file again
COVERAGE = "4"  # version of the rules for coverage from rows; a new one makes builds read every file again


def is_up_to_date(space: Workspace) -> bool:
    """Return whether the map was built from the workspace as it is now, by this version of Lindero."""
    return inputs_fingerprint(space) == builds.read_inputs_fingerprint(space.build_folder)


def source_fingerprint(entry: SourceEntry, space: Workspace) -> str:
    """Return a hash of a source's file, the way it is read, the code that reads it, and the layers it refers to.

    Mere descriptions (title, publisher, licence, address, date of retrieval) are left out, so changing them reads no
    row again.
    """
    parts = [entry.fingerprint(READER), COVERAGE, space.country]
    if mark := choose_mark(entry, space):
        parts.append(mark)
    if entry.layer in PERSON_LAYERS:
        parts.append(tombstones.registers_fingerprint(space.folder))
    referenced = LAYERS[entry.layer].referenced_layers
    parts += [source.fingerprint(READER) for source in space.sources if source.layer in referenced]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def source_description(entry: SourceEntry) -> dict[str, str | None]:
    """Return the descriptive values of a source, by their column in `sources`."""
    optional: dict[str, str | None] = {"title": entry.title or entry.id, "url": entry.url or None}
    optional |= {name: getattr(entry, name) or None for name in DATES}
    return {name: getattr(entry, name) for name in DESCRIPTION_OPTIONS} | optional


def inputs_fingerprint(space: Workspace) -> str:
    """Return a hash of everything that a map of the workspace is built from."""
    sources = [
        f"{source_fingerprint(entry, space)} {source_description(entry)} {entry.comparable}" for entry in space.sources
    ]
    schema = [repr(TABLES)]  # a version with other tables builds the map again
    content = "\n".join([*sources, *map(repr, space.same), *schema])
    return hashlib.sha256(content.encode()).hexdigest()


# `READER` and `COVERAGE` are versions of the rules for reading: raise one when the result for a file changes.

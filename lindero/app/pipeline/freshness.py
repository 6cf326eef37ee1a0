"""Whether a map was made of its workspace as it is, by hashes: asked before each answer, so it loads no reader."""

import hashlib

from lindero.layers.consent import tombstones
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS, TABLES
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import DATES, DESCRIBED

READER = "23"  # of rows: builds then read every file again
COVERAGE = "4"  # of the coverage that is made of rows: builds then read every file again


def is_of_today(space: Workspace) -> bool:
    """Tell whether the map was made of the workspace as it is, by this version of Lindero."""
    return inputs(space) == builds.built_from(space.build_folder)


def fingerprint(entry: SourceEntry, space: Workspace) -> str:
    """
    Hash of a source's file, of how it is read, of the code that reads it, and of the layers that it refers to.

    What is only said of it (title, publisher, licence, address, day of retrieval) may change with no row read again.
    """
    told = [entry.fingerprint(READER), COVERAGE, space.country]
    if entry.layer in OF_PERSONS:
        told.append(tombstones.fingerprint(space.folder))
    others = LAYERS[entry.layer].refers_to
    told += [other.fingerprint(READER) for other in space.sources if other.layer in others]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def description(entry: SourceEntry) -> dict[str, str | None]:
    """Give what is only said of a source, by its column in `sources`."""
    absent: dict[str, str | None] = {"title": entry.title or entry.id, "url": entry.url or None}
    absent |= {name: getattr(entry, name) or None for name in DATES}
    return {name: getattr(entry, name) for name in DESCRIBED} | absent


def inputs(space: Workspace) -> str:
    """Hash of all that a map of the workspace is made of."""
    every = [f"{fingerprint(entry, space)} {description(entry)}" for entry in space.sources]
    of_version = [repr(TABLES)]  # a version with other tables builds anew
    told = "\n".join([*every, *map(repr, space.same), *of_version])
    return hashlib.sha256(told.encode()).hexdigest()


# Versions of the rules by which rows are read: raise one when the same file would give something else.

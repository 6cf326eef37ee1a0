"""Maps that are built to ask them something: of the same files, read in the same way, one build in a run."""

from pathlib import Path

from lindero.app.builder import build as pipeline
from lindero.app.builder import freshness
from lindero.app.builder.build import BuildResult
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.disk import builds
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import Workspace
from tests.once import map_of


def digest(path: Path) -> str:
    """Return the digest of what a map holds."""
    with map_database.connect(path) as con:
        return map_writer.compute_digest(con)


def build(space: Workspace) -> BuildResult:
    """
    Build the map of a workspace as `app.builder.build.build` does, or copy the one that was built of the same files.

    A test of the build, or one that changes how it works, calls the build itself.
    """
    if builds.read_inputs_fingerprint(space.build_folder):
        return pipeline.build_map(space)
    for entry in space.sources:
        manifest_file.check_file(space, entry)
    told = (
        freshness.inputs_fingerprint(space),
        tombstones.registers_fingerprint(space.folder),
        space.country,
        space.sources,
    )
    return BuildResult(map_of(told, space.build_folder, lambda: pipeline.build_map(space)), changed=True)

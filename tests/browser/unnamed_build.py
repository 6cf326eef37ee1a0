"""A build that stops where a kill hurts most: its tiles are whole on the disk, and nothing has its name yet."""

import time
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from lindero.app.builder import build as pipeline
from lindero.layers.disk import builds
from lindero.layers.tiles import tile_archive
from lindero.layers.workspace import manifest_file

LONG_S = 600  # it is killed long before


def begin(folder: Path, stopped: Connection) -> None:
    """Build a workspace, in a process of its own, up to there; then tell."""
    tile_archive.write_archive = partial(tile_archive.write_archive, fewest=1)

    def publish(*_given: object, **_known: object) -> None:
        stopped.send("stopped")
        time.sleep(LONG_S)

    builds.publish_map = publish
    pipeline.build_map(manifest_file.load_workspace(folder))

"""Builds come, and die, under a server whose map has its tiles cut beforehand: the page moves on and nobody restarts."""

import subprocess
import sys
import time
from functools import partial

import pytest
from playwright.sync_api import Error as PlaywrightError

from lindero.app.pipeline import build as build_module
from lindero.layers.disk import builds
from lindero.layers.tiles import tile_archive
from tests import small_map
from tests.files import SIDE, SOUTH, WEST, concessions

# A build that stops where a kill hurts most: its tiles are whole on the disk, and nothing has its name yet.
STUCK = """
import sys, time
from functools import partial
from pathlib import Path
from lindero.app.pipeline import build
from lindero.layers.disk import builds as artefact; from lindero.layers.tiles import tile_archive; from lindero.layers.workspace import manifest_file as workspace
tile_archive.write = partial(tile_archive.write, fewest=1)
def stuck(*_, **__):
    print("stuck", flush=True)
    time.sleep(600)
artefact.publish = stuck
build.build(workspace.load(Path(sys.argv[1])))
"""


@pytest.fixture
def tiled(monkeypatch):
    """Builds that cut tiles of the smallest map."""
    monkeypatch.setattr(build_module.tile_archive, "write", partial(tile_archive.write, fewest=1))


def die_building(folder) -> None:
    """Begin a build of the workspace and kill it when its tiles are written."""
    process = subprocess.Popen([sys.executable, "-c", STUCK, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "stuck\n"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def seen(reader, row: int) -> list[str]:
    """Ids of what the map shows in the first square of a row of `tests.files`, once it is drawn there."""
    at = [SOUTH + (row + 0.5) * SIDE, WEST + 0.5 * SIDE]
    frame = reader.map()
    frame.evaluate("at => map.setView(at, 13, {animate: false})", at)
    frame.wait_for_timeout(500)
    return frame.evaluate("at => lindero.under(L.latLng(at)).map(({ props }) => props.id)", at)


def wait_until_seen(reader, row: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if seen(reader, row):
                return
        except PlaywrightError:  # the frame has gone: a new map takes its place
            reader.page.wait_for_timeout(200)
    raise AssertionError(f"row {row} never came")


@pytest.mark.slow
@pytest.mark.usefixtures("tiled")
def test_the_page_moves_to_each_new_map_though_builds_die_between(visit, files):
    files.add("concessions", concessions(2), id="s0")
    folder = build_module.build(files.space).path.parent
    with small_map.serving(folder) as address:
        reader = visit()
        reader.open(address)
        wait_until_seen(reader, 0)

        for row in (1, 2, 3):  # a third build deletes the tiles that the page began with
            files.add("concessions", concessions(2, row=row), id=f"s{row}")
            before = builds.current_map(folder)
            die_building(files.folder)
            assert (folder / ".map-new.pmtiles").is_file()
            assert builds.current_map(folder) == before
            assert (seen(reader, row - 1), seen(reader, row)) == ([f"s{row - 1}/C1"], [])

            built = build_module.build(files.space).path
            assert tile_archive.beside(built).is_file()
            wait_until_seen(reader, row)

        assert len(list(folder.glob("map-*.pmtiles"))) == 2
        reader.page.close()  # before its server

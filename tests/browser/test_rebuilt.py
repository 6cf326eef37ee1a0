"""Builds come, and die, under a server whose map has its tiles cut beforehand: the page moves on and nobody restarts."""

import time
from functools import partial

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from lindero.app.builder import build as build_module
from lindero.layers.disk import builds
from lindero.layers.tiles import tile_archive
from tests import forked, small_map
from tests.browser import unnamed_build
from tests.browser.conftest import DRAWN, LOOK_MS
from tests.files import SIDE, SOUTH, WEST, concessions

# A page looks for a newer map more often than its reader's does: how often changes nothing of what comes.
OFTEN = """
import streamlit
from lindero.app.media.pages.frame import page
page.rerun_on_new_map = streamlit.fragment(run_every=0.5)(page.rerun_on_new_map.__wrapped__)
"""


def die_building(folder) -> None:
    """Begin a build of the workspace and kill it when its tiles are written."""
    process = forked.begun(forked.context(), unnamed_build.begin, folder)
    process.kill()
    process.join()


def middle_of(row: int) -> list[float]:
    """Latitude and longitude of the middle of the first square of a row of `tests.files`."""
    return [SOUTH + (row + 0.5) * SIDE, WEST + 0.5 * SIDE]


def seen(reader, row: int) -> list[str]:
    """Ids of what the map shows in the first square of a row, once it is drawn there."""
    at = middle_of(row)
    frame = reader.map()
    frame.evaluate("at => map.setView(at, 13, {animate: false})", at)
    frame.wait_for_function(DRAWN)
    return frame.evaluate("at => lindero.under(L.latLng(at)).map(({ props }) => props.id)", at)


def wait_until_seen(reader, row: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if seen(reader, row):
                return
        except PlaywrightError:  # the frame has gone: a new map takes its place
            pass
        reader.page.wait_for_timeout(LOOK_MS)
    raise AssertionError(f"row {row} never came")


@pytest.mark.slow
def test_the_page_moves_to_each_new_map_though_builds_die_between(visit, files, monkeypatch):
    files.add("concessions", concessions(2, name="Old name"), id="s0")
    with monkeypatch.context() as patch:
        patch.setattr(
            build_module.tile_archive, "write_archive", partial(tile_archive.write_archive, fewest=1)
        )  # of the smallest map
        folder = build_module.build_map(files.space).path.parent
        with small_map.serving(folder, before=OFTEN, anew=False) as address:
            reader = visit()
            reader.open(address)
            wait_until_seen(reader, 0)

            for row in (1, 2, 3):  # a third build deletes the tiles that the page began with
                files.add("concessions", concessions(2, row=row), id=f"s{row}")
                dies_and_comes(reader, files, row)

            assert len(list(folder.glob("map-*.pmtiles"))) == 2
            patch.undo()
            a_newer_map_without_tiles_cut_beforehand_comes_too(reader, files)
            reader.page.close()  # before its server


def dies_and_comes(reader, files, row: int) -> None:
    folder = files.space.build_folder
    before = builds.current_map(folder)
    die_building(files.folder)
    assert (folder / ".map-new.pmtiles").is_file()
    assert builds.current_map(folder) == before
    assert (seen(reader, row - 1), seen(reader, row)) == ([f"s{row - 1}/C1"], [])

    built = build_module.build_map(files.space).path
    assert built.with_suffix(builds.TILES).is_file()
    wait_until_seen(reader, row)


def a_newer_map_without_tiles_cut_beforehand_comes_too(reader, files) -> None:
    files.add("concessions", concessions(2, name="New name"), id="s0", snapshot_on="2026-02-01")

    with reader.page.expect_event("framedetached", timeout=60_000):  # the old map's
        built = build_module.build_map(files.space).path
        assert not built.with_suffix(builds.TILES).exists()
    frame = reader.map()
    reader.press(frame, *middle_of(0))

    expect(frame.locator(".lindero-popup")).to_contain_text("New name")

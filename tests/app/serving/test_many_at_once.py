"""Two hundred readers who ask at one instant: the server answers them all, and lives."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode

import geopandas as gpd
import httpx
import numpy as np
import pytest
import shapely
from shapely import Point

from lindero.app.answers.coverage.coverage import Verdict, read_coverage
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import CRS
from tests import forked, loop, small_map

ROUNDS = 10
READERS = 200
PATIENCE_S = 120  # nobody's speed is judged here
MANY_VERTICES = Point(-75.0, -10.0).buffer(5, quad_segs=1_500)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def build_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many") / "build"
    small_map.publish(folder, covered=MANY_VERTICES)
    return folder


@pytest.fixture(scope="module")
def server(build_folder):
    with small_map.serving(build_folder) as address:
        yield address


def question(number: int) -> tuple[str, str, bytes, set[int]]:
    """Each third reader asks the light page, the others open pages, tiles and OGC: what is asked, and what may come."""
    place = f"{-9.5 - number / 1_000:.5f}, {-74.4 - number / 2_000:.5f}"
    return [
        ("POST", ("/aqui", "/here")[number % 2], urlencode({"at": place}).encode(), {200}),
        ("GET", ("/", "/hotspots", "/community")[number // 6 % 3], b"", {200}),
        ("GET", f"/tiles/map/9/{149 + number % 3}/{270 + number % 2}", b"", {200, 204}),
        ("POST", ("/here", "/aqui")[number % 2], urlencode({"at": place}).encode(), {200}),
        ("GET", f"/ogc/collections/concessions/items?bbox=-75,-10,{-74 + number / 1_000},-9", b"", {200}),
        ("GET", f"/tiles/base/5/9/{16 + number % 2}", b"", {200, 204}),
    ][number % 6]


async def ask_all(address: str, numbers: range) -> list[str]:
    """Ask at one instant, each over a connection of its own; return what was wrong with any answer."""
    nobody_waits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, limits=nobody_waits, timeout=PATIENCE_S) as client:

        async def ask(number: int) -> str:
            method, path, body, expected = question(number)
            try:
                while True:
                    answer = await client.request(method, path, content=body, headers=FORM if body else {})
                    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                        break
                    await asyncio.sleep(float(answer.headers["Retry-After"]))  # as the light page does
            except httpx.TransportError as error:
                return f"{method} {path}: {error!r}"
            return "" if answer.status_code in expected else f"{method} {path}: {answer.status_code}"

        return [wrong for wrong in await asyncio.gather(*map(ask, numbers)) if wrong]


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_hundred_readers_at_one_instant_are_all_answered(server, turn):
    assert loop.run(ask_all(server, range(turn * READERS, (turn + 1) * READERS))) == []


def ask_in_threads(build_folder: Path) -> None:
    """Ask one `Coverage` from sixteen threads at once, sixty times; each time it has just been read."""
    con = map_database.connect(builds.current_map(build_folder))
    areas = np.array([Point(-75.0 + step, -10.0).buffer(4.9, quad_segs=500) for step in range(3)], dtype=object)
    lands = gpd.GeoSeries(areas, crs=CRS)
    with ThreadPoolExecutor(16) as pool:
        for _round in range(60):
            found, together = read_coverage(con), threading.Barrier(16)

            def ask(thread: int, found=found, together=together) -> list[Verdict]:
                together.wait()
                lands_too = found.land_coverages("communities", lands)
                one_by_one = (
                    found.area_coverage("concessions", areas[thread % 3]),
                    found.point_coverage("concessions", -10.0, -75.0),
                )
                told = [answer.verdict for answer in (*one_by_one, *lands_too)]
                return [*told, *found.shape_verdicts("incidents", areas)[0]]

            assert {*chain.from_iterable(pool.map(ask, range(16)))} == {Verdict.COVERED}
    assert not any(shapely.is_prepared(row.geometry) for row in found.rows)
    assert not any(shapely.is_prepared(found.covered_area(layer)) for layer in ("communities", "incidents"))


def test_sixteen_threads_ask_one_coverage(build_folder):
    process = forked.context().Process(target=ask_in_threads, args=(build_folder,))
    process.start()
    process.join(forked.PATIENCE_S)

    assert process.exitcode == 0

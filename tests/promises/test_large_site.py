"""A site of many titles, of 100,000 in `make test-all`: what its first page takes, and how soon it answers; the figures stand in bench/README.md."""

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.app.pipeline.build import build
from lindero.app.publication.release import release
from tests.amount import amount
from tests.files import Files
from tests.promises.test_site import FIRST_PAINT, QUIET
from tests.range_server import Ranged, served
from tests.secret_files import TODAY

TITLES_A_LAND = 50
WORDS = ("San", "Nueva", "Esperanza", "Rosa", "Cerro", "Blanco", "Pampa", "Quinua", "Inca", "Sol", "Lucero", "Mina")
WEST, SOUTH, EAST, NORTH = -79.0, -16.0, -70.5, -2.0
MOST_ON_THE_WAY = 3_000_000  # bytes, for one answer


def _frame(rng, count, side, **columns):
    """Squares in clusters, with names of three words, all over a country."""
    middles = rng.uniform((WEST, SOUTH), (EAST, NORTH), (count // 100 + 1, 2))
    at = middles[rng.integers(len(middles), size=count)] + rng.normal(0, 0.15, (count, 2))
    half = rng.lognormal(np.log(side), 0.4, count)
    shapes = shapely.box(at[:, 0] - half, at[:, 1] - half, at[:, 0] + half, at[:, 1] + half)
    names = [f"{' '.join(rng.choice(WORDS, 3))} {n}" for n in range(count)]
    return gpd.GeoDataFrame(
        {"code": [f"C{n}" for n in range(count)], "name": names, **columns}, geometry=shapes, crs=4326
    )


def country(folder, titles):
    """A workspace of an invented country, built and published: the folder of the publication."""
    rng = np.random.default_rng(26)
    files = Files(folder / "space")
    holders = [f"Minera {rng.choice(WORDS)} {n % 7000}" for n in range(titles)]
    files.add("concessions", _frame(rng, titles, 0.008, holder=holders, status="granted", kind="mining"))
    files.add("communities", _frame(rng, titles // TITLES_A_LAND, 0.04, people="Quechua"))
    build(files.space)
    release(files.space, None, folder / "published", today=TODAY, prove=lambda _new: None)
    return folder / "published"


@pytest.mark.slow
@pytest.mark.parametrize("titles", amount([2_000], [100_000]))
def test_the_first_page_of_a_country_takes_few_bytes_and_an_answer_few_more(tmp_path, chromium, titles):
    folder = country(tmp_path, titles)

    paint, answer, seconds = seen(folder, chromium)

    print(f"first paint {paint:,} bytes, one answer {answer:,} more in {seconds:.2f} s")  # noqa: T201  a figure to note
    assert paint < FIRST_PAINT
    assert answer < MOST_ON_THE_WAY


def seen(folder, chromium):
    """Open a site from a server and ask for a place on it: bytes of the first paint, bytes and seconds of the answer."""
    browser = chromium(args=[*QUIET, "--no-sandbox"])
    with served(folder, Ranged) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 740}).new_page()
        page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", 0))))
        sizes = []
        page.goto(f"{address}/index.html")
        page.wait_for_selector("#place")
        page.wait_for_load_state("networkidle")
        paint = sum(sizes)
        sizes.clear()
        begun = time.perf_counter()
        page.fill("#place", "-9.2, -75.1")
        page.press("#place", "Enter")
        page.wait_for_selector("#answer-title")
        seconds = time.perf_counter() - begun
    browser.close()
    return paint, sum(sizes), seconds

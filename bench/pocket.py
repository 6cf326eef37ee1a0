"""
Lindero's exported files beside those of other tools: bytes, seconds to create, and time to answer on a phone.

    python -m bench pocket                   # all
    python -m bench pocket received [CODE]   # a community, a province, a department (PE-LAL) of ../shared/data
    python -m bench pocket country [TITLES]  # the site of an invented country, 100,000 concessions by default

From the received data, the community and the province with the most concessions around them are used. folium's
`Map.save` and lonboard's `to_html` receive the same rows, those in the frame of the pack, with name, holder and status.

The phone is 360×740, with a processor six times slower and no network. *answer* is the time from opening the file to
the answer for the centre of its map. *of it processor* is the processor time of the page's own thread at that slower
speed, which other work on the machine affects least. Requests of the other tools to other machines are counted, because
those tools show nothing without them.
"""

import datetime as dt
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import folium
import geopandas as gpd
import pandas as pd
import shapely
from playwright.sync_api import Browser, Page

from bench.build import IN_METRES, SHARED
from bench.front_door import HIGH, SLOWER, WIDE
from bench.map_browser import chromium
from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.build import build_map
from lindero.app.media.phone.about import MapScope, Subject, find_scope
from lindero.app.media.site.pack import create_pack
from lindero.app.media.site.release import publish_release
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS, REGIONS
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import Workspace
from lindero.layers.workspace.source_options import SourceOptions
from tests import large_country
from tests.range_server import Ranged, served

TODAY = dt.date(2026, 11, 26)
CADASTRE = {"catastro_minero.geojson": dt.date(2009, 11, 30), "17s_100326.geojson": dt.date(2026, 3, 10)}
DEPARTMENT = "PE-LAL"  # the department with most concessions in the received files
TITLES = 100_000
TOLD = ["name", "holder", "status", "geometry"]
WAIT_MS = 120_000
HEAD = "| of | as | made in | kB | answer | of it processor | asks others |\n|---|---|---|---|---|---|---|"


def main(which: str = "", of: str = "") -> None:
    """Print the table. `of` is the code of a department, or the number of concessions of a country."""
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n{HEAD}", flush=True)
    with TemporaryDirectory() as folder, chromium() as browser:
        if which in {"", "received"}:
            _measure_received(Path(folder), browser, of if which and of else DEPARTMENT)
        if which in {"", "country"}:
            _measure_country(Path(folder), browser, int(of if which and of else TITLES))


def _measure_received(folder: Path, browser: Browser, department: str) -> None:
    space = _workspace(folder / "received")
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        titles = map_database.read_layer(con, LAYERS["concessions"])
        land = map_database.read_layer(con, LAYERS["communities"])
        regions = map_database.read_layer(con, REGIONS)
        provinces = regions[regions["level"] == "province"]
        chosen = [
            _find_busiest(titles, (find_scope(con, Subject.COMMUNITY, id_) for id_ in land["id"])),
            _find_busiest(titles, (find_scope(con, Subject.REGION, id_) for id_ in provinces["id"])),
            find_scope(con, Subject.REGION, department),
        ]
        every = pd.concat([titles, land, map_database.read_layer(con, LAYERS["protected_areas"])])
    for on in chosen:
        file = folder / "pack.html"
        taken = _time_action(
            lambda to=file, of=on: to.write_text(create_pack(space, of.subject, of.id, today=TODAY).html)
        )
        inside = gpd.GeoDataFrame(every[every.intersects(shapely.box(*on.frame))], crs=every.crs)
        of = f"{on.subject} {on.name.title()}, {len(inside):,} titles and areas"
        _print_row(browser, f"{of} | pack", taken, file)
        _peers(browser, of, inside, folder)


def _find_busiest(titles: gpd.GeoDataFrame, several: Iterator[MapScope]) -> MapScope:
    tree = shapely.STRtree(titles.geometry.to_numpy())
    return max(several, key=lambda subject: len(tree.query(shapely.box(*subject.frame))))


def _workspace(folder: Path) -> Workspace:
    """Build a workspace of all received files, with the two cadastres as snapshots of one source."""
    files = sorted(path for path in SHARED.rglob("*") if path.suffix in {".geojson", ".csv", ".xlsx"})
    if not files:
        sys.exit("bench pocket received needs ../shared/data")
    space = manifest_file.create_workspace(folder, title="received", country="PE")
    for path in files:
        day = CADASTRE.get(path.name)
        options = SourceOptions(
            crs=IN_METRES.get(path.name, ""), id="cadastre" if day else "", snapshot_on=str(day or "")
        )
        space = manifest_file.add_source(space, plan_source(str(path), options, space, today=TODAY).entry, path)
    build_map(space)
    return space


def _measure_country(folder: Path, browser: Browser, titles: int) -> None:
    space = large_country.built(folder / "country", titles)
    site = folder / "site"
    taken = _time_action(lambda: publish_release(space, None, site, today=TODAY, prove=lambda _new: None))
    of = f"country of {titles:,} titles"
    for how, server in (("file:", nullcontext(site.as_uri())), ("a server", served(site, Ranged))):
        with server as address:
            _print_row(browser, f"{of} | site, by {how}", taken, site, address=f"{address}/index.html")
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        rows = [map_database.read_layer(con, LAYERS[name]) for name in ("concessions", "communities")]
    _peers(browser, of, gpd.GeoDataFrame(pd.concat(rows), crs=rows[0].crs), folder)


def _peers(browser: Browser, of: str, rows: gpd.GeoDataFrame, folder: Path) -> None:
    for name, save in (("folium", _save_with_folium), ("lonboard", _save_with_lonboard)):
        file = folder / f"{name}.html"
        try:
            taken = _time_action(lambda to=file, write=save: write(rows[TOLD], to))
        except ImportError:
            print(f"| {of} | {name}: not installed (make bench-peers) | | | | | |", flush=True)
            continue
        _print_row(browser, f"{of} | {name}", taken, file, answers=False)


def _save_with_folium(rows: gpd.GeoDataFrame, file: Path) -> None:
    folium_map = folium.Map(tiles=None, prefer_canvas=True)
    folium.GeoJson(rows).add_to(folium_map)
    folium_map.save(file)


def _save_with_lonboard(rows: gpd.GeoDataFrame, file: Path) -> None:
    from lonboard import viz  # not every machine has it

    viz(rows.explode(ignore_index=True)).to_html(file)


def _time_action(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _print_row(
    browser: Browser, label: str, taken: float, file: Path, *, address: str = "", answers: bool = True
) -> None:
    files_written = [path for path in (file.rglob("*") if file.is_dir() else [file]) if path.is_file()]
    size = f"{sum(path.stat().st_size for path in files_written) / 1000:,.0f}"
    files = f" in {len(files_written):,} files" if len(files_written) > 1 else ""
    answer, others = _open_file(browser, address or file.as_uri(), answers=answers)
    print(f"| {label} | {taken:.1f} s | {size}{files} | {answer} | {others} |", flush=True)


def _open_file(browser: Browser, address: str, *, answers: bool) -> tuple[str, int]:
    """
    Open a file on the phone.

    Return the cells of its first answer, and the number of requests to other machines.
    """
    context = browser.new_context(
        viewport={"width": WIDE, "height": HIGH}, locale="es-PE", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    requested: set[str] = set()
    page.on("request", lambda request: requested.add(request.url))
    answer = _first_answer(page, address) if answers else _nothing_to_ask(page, address)
    context.close()
    own = urlsplit(address).netloc
    return answer, sum(urlsplit(url).scheme.startswith("http") and urlsplit(url).netloc != own for url in requested)


def _first_answer(page: Page, address: str) -> str:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("canvas.map").press("Enter")
    page.locator("#answer-title").wait_for()
    seconds = time.perf_counter() - began
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return f"{seconds:.1f} s | {metrics['TaskDuration']:.1f} s"


def _nothing_to_ask(page: Page, address: str) -> str:
    page.goto(address, wait_until="load")
    return "none | "


if __name__ == "__main__":
    main(*sys.argv[1:])

"""
The map of 50,000 and of 500,000 generated polygons, compared at 50,000 with folium's GeoJson in Streamlit.

    python -m bench map [50000|500000 ...]

The script drives Debian's Chromium. Bytes are those that the browser receives beyond Streamlit's own files, counted in
a separate visit (`bench.map_relay`). `cold` is a new browser and a server that has just started. `warm` is a new page
of the same browser.

Streamlit rejects the peer's message unless its limit is raised, as it is here. At 500,000 polygons the message would be
ten times as large, and the peer is not measured.
"""

import os
import random
import re
import statistics
import sys
import threading
import time
from http.client import HTTPConnection
from math import asinh, ceil, pi, radians, tan
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
from playwright.sync_api import Browser, Frame

from bench import map_beside, map_data
from bench.map_browser import Reader, chromium
from bench.map_relay import count_bytes
from bench.map_served import free_port, run_server
from lindero.layers.tiles.tile_archive import Archive

OURS = """
import sys; from pathlib import Path; from lindero.app.serving.asgi import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]))
"""
DRAWN = "Boolean(window.lindero) && lindero.loads > 0"
# Counts the tiles that are being painted, so that the end of a change can be seen.
WATCH = """() => { window.painting = 0; map.eachLayer((layer) => {
  if (!layer.renderTile) return;
  const render = layer.renderTile.bind(layer);
  layer.renderTile = (...given) => { window.painting += 1; const done = render(...given);
    Promise.resolve(done).finally(() => { window.painting -= 1; }); return done; };
}); }"""
CHANGE = """(label) => new Promise((resolve) => {
  const labels = [...document.querySelectorAll('.lindero-legend label')];
  const box = labels.find((one) => one.textContent === label).firstChild;
  const began = performance.now();
  box.click();
  const told = () => resolve(performance.now() - began);
  const look = () => (window.painting ? setTimeout(look, 1) : requestAnimationFrame(told));
  setTimeout(look, 1);
})"""
TOLD_ANEW = """(before) => {
  const now = document.querySelector('[data-testid=stText]');
  return now && now.textContent !== before;
}"""
PRESSES, CHANGES, TILES, AT_ONCE = 20, 10, 300, 6
ORDER = "p50, p95, slowest"
LARGEST_BESIDE = 50_000


def ours(polygons: gpd.GeoDataFrame, map_file: Path) -> dict[str, str]:
    port = free_port()
    with (
        run_server([sys.executable, "-c", OURS, str(map_file.parent), str(port)], port) as server,
        chromium() as browser,
    ):
        reader = Reader(browser)
        go = lambda: reader.page.goto(f"http://127.0.0.1:{port}", wait_until="commit")  # noqa: E731
        cold, frame = reader.time_drawing(go, DRAWN)
        first = {"first paint cold": f"{cold:.2f} s"}
        _print_progress(first)
        warm = []
        for _ in range(5):
            reader.page.wait_for_timeout(1_500)
            reader.open_new_page()
            taken, frame = reader.time_drawing(go, DRAWN)
            warm.append(taken)
        _print_progress(warm)
        changes = {"far out": _changes(frame)}
        place = polygons.geometry.iloc[len(polygons) // 3].centroid
        for zoom in (6, 9):
            frame.evaluate("(at) => map.setView([at[0], at[1]], at[2], {animate: false})", [place.y, place.x, zoom])
            reader.page.wait_for_timeout(4_000)
            changes[f"zoom {zoom}"] = _changes(frame)
            _print_progress(changes)
        presses = _presses(reader, frame)
        _print_progress(presses)
        reader.close()
        last = Archive(map_file.with_suffix(".pmtiles")).last_zoom
        asked = _time_tiles(polygons, port, (3, last))  # closer in, the browser enlarges the last zoom
        memory = server.memory_info().rss
        live = _time_tiles(polygons, port, (last + 1, 14))
        carried = _bytes(browser, port)
    return {
        **carried,
        **first,
        "first paint warm (median of 5)": f"{statistics.median(warm):.2f} s",
        **{
            f"filter, {name} (median of {CHANGES})": f"{statistics.median(taken):.0f} ms"
            for name, taken in changes.items()
        },
        f"press to list ({ORDER} of {PRESSES})": _quantiles(presses),
        f"tiles that a browser asks for, {AT_ONCE} at once ({ORDER} of {TILES})": _quantiles(asked),
        f"tiles cut live, zooms {last + 1} to 14, {AT_ONCE} at once ({ORDER} of {TILES})": _quantiles(live),
        "server memory after presses and the first tiles": f"{memory / 1e6:.0f} MB",
    }


def _bytes(browser: Browser, port: int) -> dict[str, str]:
    """Count the bytes that a new browser receives, and those after a change of its filter."""
    with count_bytes(port) as (counted, relay):
        reader = Reader(browser)
        _, frame = reader.time_drawing(lambda: reader.page.goto(f"http://127.0.0.1:{counted}"), DRAWN)
        reader.page.wait_for_timeout(2_000)  # until the whole page is loaded
        first = relay.bytes
        frame.evaluate(WATCH)
        frame.evaluate(CHANGE, "Mining")
        reader.page.wait_for_timeout(2_000)
        changed = relay.bytes - first
        reader.close()
    return {"bytes at first": f"{first / 1e3:,.0f} kB", "bytes at a change of the filter": f"{changed / 1e3:,.0f} kB"}


def _publish_map(polygons: gpd.GeoDataFrame, folder: Path) -> tuple[Path, str]:
    began = time.perf_counter()
    path = map_data.publish_polygons(polygons, folder)
    seconds, tiles = time.perf_counter() - began, path.with_suffix(".pmtiles")
    beside = f" and {tiles.stat().st_size / 1e6:.0f} MB of tiles" if tiles.exists() else ""
    return path, f"{seconds:.0f} s, {path.stat().st_size / 1e6:.0f} MB{beside}"


def _print_progress(measured: object) -> None:
    """Print the results so far, because the whole run takes minutes."""
    print(measured, file=sys.stderr, flush=True)


def _changes(frame: Frame) -> list[float]:
    frame.evaluate(WATCH)
    return [float(frame.evaluate(CHANGE, "Mining")) for _ in range(CHANGES)]


def _presses(reader: Reader, frame: Frame) -> list[float]:
    """Press random points of the map, and return the milliseconds until the list of each place is shown."""
    page, taken, chance = reader.page, [], random.Random(0)
    box = frame.locator(".leaflet-container").bounding_box()
    for _ in range(PRESSES):
        before = page.locator("[data-testid=stText]").first.text_content() if taken else ""
        x, y = box["x"] + chance.uniform(0.2, 0.6) * box["width"], box["y"] + chance.uniform(0.2, 0.8) * box["height"]
        frame.evaluate("map.closePopup()")  # otherwise the click may hit the last popup
        page.wait_for_timeout(300)  # until the popup has faded
        began = time.perf_counter()
        page.mouse.click(x, y)
        page.wait_for_function(
            TOLD_ANEW,
            arg=before,
            polling=10,
        )
        taken.append((time.perf_counter() - began) * 1000)
        page.wait_for_timeout(700)
    return taken


def _time_tiles(polygons: gpd.GeoDataFrame, port: int, zooms: tuple[int, int]) -> list[float]:
    """Request tiles that contain features in a range of zooms, each once, and return the milliseconds of each."""
    chance = random.Random(1)
    middles = polygons.geometry.sample(TILES * 3, random_state=1).centroid
    addresses = list(dict.fromkeys(_address(chance.randint(*zooms), point.x, point.y) for point in middles))[:TILES]
    taken: list[float] = []

    def ask(some: list[str]) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        for address in some:
            began = time.perf_counter()
            connection.request("GET", address, headers={"Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status in {200, 204}
            taken.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=ask, args=(addresses[i::AT_ONCE],)) for i in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _address(z: int, lon: float, lat: float) -> str:
    side = 2**z
    x, y = int((lon + 180) / 360 * side), int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)
    return f"/tiles/map/{z}/{x}/{y}"


def _quantiles(taken: list[float]) -> str:
    ordered = sorted(taken)
    p95 = ordered[ceil(len(ordered) * 0.95) - 1]
    return f"{statistics.median(ordered):.0f}, {p95:.0f}, {ordered[-1]:.0f} ms"


def _ratios(own: dict[str, str], beside: dict[str, str]) -> dict[str, str]:
    """Compute the ratio of the peer's figures to ours, where both have a figure."""
    figures = {name: [re.match(r"[\d,.]+", told.get(name, "")) for told in (beside, own)] for name in own}
    return {
        name: f"{float(more[0].replace(',', '')) / float(less[0].replace(',', '')):,.0f}"
        for name, (more, less) in figures.items()
        if more and less
    }


def main(*sizes: str) -> None:
    for count in map(int, sizes or map_data.SIZES):
        polygons = map_data.generate_polygons(count)
        with TemporaryDirectory() as folder:
            print(
                f"\n{len(polygons):,} polygons; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            )
            map_file, made = _publish_map(polygons, Path(folder) / "build")
            sides = {"lindero": {"made in": made} | ours(polygons, map_file)}
            if count <= LARGEST_BESIDE:
                beside = map_beside.measure_peer(polygons, Path(folder))
                sides |= {"folium.GeoJson": beside, "times more": _ratios(sides["lindero"], beside)}
        print("| | " + " | ".join(sides) + " |\n|---|" + "---|" * len(sides))
        for name in dict.fromkeys(name for told in sides.values() for name in told):
            print(f"| {name} | " + " | ".join(told.get(name, "") for told in sides.values()) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])

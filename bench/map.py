"""
The map of 50,000 and of 500,000 generated polygons; beside it folium's GeoJson in Streamlit, of fewer of them.

    python -m bench map [50000|500000 ...]

It drives Debian's Chromium. Bytes are what the browser gets beyond Streamlit's own files. `cold` is a browser that has
never been here, and a server that has just begun; `warm` is a new page of the same browser.

The peer gets 5,000 of the same polygons, so it is not the same work: 50,000 of them are a message of 232 MB, which
Streamlit refuses (its limit is 200 MB), and with the limit raised Playwright's driver ran out of memory. What the peer
takes for all of them is not known; its figures are of a tenth, or a hundredth, of the map.
"""

import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from math import asinh, ceil, pi, radians, tan
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import psutil
from playwright.sync_api import Frame

from bench import map_data
from bench.map_browser import Reader, chromium
from layers.tile_archive import Archive

OURS = """
import sys; from pathlib import Path; from app.serving.server import serve
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
  const now = document.querySelector('[data-testid=stCode]');
  return now && now.textContent !== before;
}"""
PRESSES, CHANGES, TILES, AT_ONCE = 20, 10, 300, 6
ORDER = "p50, p95, slowest"
PEER_POLYGONS = 5_000
PEER_WITHIN_S = 240.0


@contextmanager
def _process(command: list[str], port: int) -> Generator[psutil.Process]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ours(polygons: gpd.GeoDataFrame, map_file: Path) -> dict[str, str]:
    port = _port()
    with _process([sys.executable, "-c", OURS, str(map_file.parent), str(port)], port) as server, chromium() as browser:
        reader = Reader(browser)
        go = lambda: reader.page.goto(f"http://127.0.0.1:{port}", wait_until="commit")  # noqa: E731
        cold, frame = reader.timed(go, DRAWN)
        first = {"bytes at first": f"{reader.bytes / 1e3:,.0f} kB", "first paint cold": f"{cold:.2f} s"}
        _say(first)
        warm = []
        for _ in range(5):
            reader.page.wait_for_timeout(1_500)
            reader.turn_to_a_new_page()
            taken, frame = reader.timed(go, DRAWN)
            warm.append(taken)
        _say(warm)
        changes = {"far out": _changes(frame)}
        place = polygons.geometry.iloc[len(polygons) // 3].centroid
        for zoom in (6, 9):
            frame.evaluate("(at) => map.setView([at[0], at[1]], at[2], {animate: false})", [place.y, place.x, zoom])
            reader.page.wait_for_timeout(4_000)
            changes[f"zoom {zoom}"] = _changes(frame)
            _say(changes)
        presses = _presses(reader, frame)
        _say(presses)
        reader.close()
        last = Archive(map_file.with_suffix(".pmtiles")).last_zoom
        asked = _tiles(polygons, port, (3, last))  # closer in the browser enlarges the last
        memory = server.memory_info().rss
        live = _tiles(polygons, port, (last + 1, 14))
    return {
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


def _made(polygons: gpd.GeoDataFrame, folder: Path) -> tuple[Path, str]:
    began = time.perf_counter()
    path = map_data.publish(polygons, folder)
    seconds, tiles = time.perf_counter() - began, path.with_suffix(".pmtiles")
    beside = f" and {tiles.stat().st_size / 1e6:.0f} MB of tiles" if tiles.exists() else ""
    return path, f"{seconds:.0f} s, {path.stat().st_size / 1e6:.0f} MB{beside}"


def _say(measured: object) -> None:
    """Tell what is known so far: the whole takes minutes."""
    print(measured, file=sys.stderr, flush=True)


def _changes(frame: Frame) -> list[float]:
    frame.evaluate(WATCH)
    return [float(frame.evaluate(CHANGE, "Mining")) for _ in range(CHANGES)]


def _presses(reader: Reader, frame: Frame) -> list[float]:
    """Press the map here and there; milliseconds until the list of this place is on the page."""
    page, taken, chance = reader.page, [], random.Random(0)
    box = frame.locator(".leaflet-container").bounding_box()
    for _ in range(PRESSES):
        before = page.locator("[data-testid=stCode]").first.text_content() if taken else ""
        x, y = box["x"] + chance.uniform(0.2, 0.6) * box["width"], box["y"] + chance.uniform(0.2, 0.8) * box["height"]
        frame.evaluate("map.closePopup()")  # or the press may fall on what the last one opened
        page.wait_for_timeout(300)  # until it has faded
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


def _tiles(polygons: gpd.GeoDataFrame, port: int, zooms: tuple[int, int]) -> list[float]:
    """Ask for tiles where there are features, from a zoom to another, each but once; milliseconds that each took."""
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


def _some(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return polygons.sample(PEER_POLYGONS, random_state=1).reset_index(drop=True)


def peer(polygons: gpd.GeoDataFrame, folder: Path) -> dict[str, str]:
    path = folder / "polygons.parquet"
    polygons.to_parquet(path)
    port = _port()
    command = [sys.executable, "-m", "streamlit", "run", "bench/map_peer.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    # What a filter leaves is one thing fewer than there was.
    count = "(() => { let n = 0; map.eachLayer((l) => { if (l.feature) n += 1; }); return n; })()"
    told: dict[str, str] = {}
    with _process([*command, "--", str(path)], port) as server, chromium() as browser:
        reader = Reader(browser)
        drawn = lambda number: f"Boolean(window.map) && {count} === {number}"  # noqa: E731
        try:
            go = lambda: reader.page.goto(f"http://127.0.0.1:{port}")  # noqa: E731
            cold, _ = reader.timed(go, drawn(len(polygons)), within=PEER_WITHIN_S)
            told |= {"bytes at first": f"{reader.bytes / 1e3:,.0f} kB", "first paint cold": f"{cold:.2f} s"}
            reader.turn_to_a_new_page()
            warm, _ = reader.timed(go, drawn(len(polygons)), within=PEER_WITHIN_S)
            told["first paint warm (median of 5)"] = f"{warm:.2f} s (once)"
            left = len(polygons) - int((polygons["kind"] == "mining").sum())
            change = reader.page.get_by_role("button", name="mining").click
            changed, frame = reader.timed(change, drawn(left), within=PEER_WITHIN_S)
            told["filter, far out (median of 10)"] = f"{changed * 1000:.0f} ms (once)"
            box = frame.locator(".leaflet-container").bounding_box()
            began = time.perf_counter()
            reader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            reader.page.get_by_test_id("stDataFrame").wait_for()
            told[f"press to list ({ORDER} of {PRESSES})"] = f"{(time.perf_counter() - began) * 1000:.0f} ms (once)"
        except Exception as error:  # noqa: BLE001  whatever kept it from drawing is its result
            told["failed"] = str(error).splitlines()[0][:60]
        told["server memory after presses and the first tiles"] = f"{server.memory_info().rss / 1e6:.0f} MB"
    return told


def _quantiles(taken: list[float]) -> str:
    ordered = sorted(taken)
    p95 = ordered[ceil(len(ordered) * 0.95) - 1]
    return f"{statistics.median(ordered):.0f}, {p95:.0f}, {ordered[-1]:.0f} ms"


def main(*sizes: str) -> None:
    for count in map(int, sizes or map_data.SIZES):
        polygons = map_data.generated(count)
        with TemporaryDirectory() as folder:
            print(
                f"\n{len(polygons):,} polygons; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            )
            map_file, made = _made(polygons, Path(folder) / "build")
            sides = {
                "lindero": {"made in": made} | ours(polygons, map_file),
                f"folium.GeoJson, {PEER_POLYGONS:,} of them": peer(_some(polygons), Path(folder)),
            }
        print("| | " + " | ".join(sides) + " |\n|---|" + "---|" * len(sides))
        for name in dict.fromkeys(name for told in sides.values() for name in told):
            print(f"| {name} | " + " | ".join(told.get(name, "") for told in sides.values()) + " |")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The peer of `bench.map`: folium's GeoJson in Streamlit (`bench/map_peer.py`), of the same polygons."""

import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd

from bench.map_page import map_frame_expression, open_page
from bench.map_relay import count_bytes
from bench.map_served import free_port, run_server

WITHIN_S = 300.0
MINING = "[...document.querySelectorAll('button')].find((one) => one.innerText === 'mining').click()"
LARGEST_MESSAGE_MB = 2_000  # Streamlit's own limit is 200
LEAFLET = Path(__file__).parents[1] / "lindero" / "app" / "static" / "vendor" / "leaflet"
# The number of drawn features. A filter reduces it.
COUNT = "(() => { let n = 0; map.eachLayer((l) => { if (l.feature) n += 1; }); return n; })()"
REFUSED = "document.body.innerText.includes('exceeds the message size limit')"


def measure_peer(polygons: gpd.GeoDataFrame, folder: Path) -> dict[str, str]:
    """
    Measure drawing, filtering and pressing.

    If a step does not end in `WITHIN_S`, it is reported and the rest is skipped.
    """
    path = folder / "polygons.parquet"
    polygons.to_parquet(path)
    results: dict[str, str] = {}
    with _serve_leaflet() as address:
        try:
            for name, value in _figures(polygons, path, address):
                results[name] = value
                print(name, value, file=sys.stderr, flush=True)  # the whole run takes minutes
        except TimeoutError:
            results["then"] = f"did not end in {WITHIN_S:.0f} s"
    return results


def _figures(polygons: gpd.GeoDataFrame, path: Path, leaflet: str) -> Generator[tuple[str, str]]:
    yield "a message of it, by Streamlit's own limit of 200 MB, is", _try_default_limit(path, leaflet)
    left = len(polygons) - int((polygons["kind"] == "mining").sum())
    with _peer(path, leaflet, LARGEST_MESSAGE_MB) as (port, server), count_bytes(port) as (counted, relay):
        with open_page() as reader:
            reader.open(f"http://127.0.0.1:{counted}")
            yield "first paint cold", f"{reader.wait_until(_drawn_condition(len(polygons)), WITHIN_S):.2f} s"
            before = relay.bytes
            yield "bytes at first", f"{before / 1e3:,.0f} kB"
            reader.is_true(MINING)
            changed = reader.wait_until(_drawn_condition(left), WITHIN_S)
            yield "filter, far out (median of 10)", f"{changed * 1000:.0f} ms (once)"
            yield "bytes at a change of the filter", f"{(relay.bytes - before) / 1e3:,.0f} kB"
        yield "server memory after presses and the first tiles", f"{server.memory_info().rss / 1e6:.0f} MB"


def _drawn_condition(number: int) -> str:
    return map_frame_expression(f"Boolean(window.map) && {COUNT} === {number}")


def _try_default_limit(path: Path, leaflet: str) -> str:
    """Check whether Streamlit draws the polygons with its default settings."""
    with _peer(path, leaflet, 200) as (port, _), open_page() as reader:
        reader.open(f"http://127.0.0.1:{port}")
        reader.wait_until(f"{REFUSED} || {map_frame_expression('true')}", WITHIN_S)
        return "refused" if reader.is_true(REFUSED) else "sent"


@contextmanager
def _peer(path: Path, leaflet: str, largest_mb: int) -> Generator:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "bench/map_peer.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
    command += [f"--server.maxMessageSize={largest_mb}"]
    with run_server([*command, "--", str(path), leaflet], port) as server:
        yield port, server


@contextmanager
def _serve_leaflet() -> Generator[str]:
    """Serve folium's Leaflet from this machine, like a content delivery network. Its bytes are not counted."""
    handler: Callable[..., SimpleHTTPRequestHandler] = partial(_Quiet, directory=str(LEAFLET))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""

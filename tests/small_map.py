"""A map small enough to check by hand: one concession, half on a community's land, a park, an attack on record."""

import datetime as dt
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import Point, box

from layers import artefact, store
from layers.schema import CRS, LAYERS

DAY = dt.date(2026, 6, 30)
SHAPES = {
    "concessions": box(-75.00, -10.00, -74.90, -9.90),
    "communities": box(-74.95, -10.00, -74.85, -9.90),
    "protected_areas": box(-74.50, -10.00, -74.40, -9.90),
    "incidents": Point(-74.94, -9.95),
}
IN_BOTH = -9.97, -74.93  # latitude, longitude
EMPTY_SEA = -10.0, -85.0


def publish(
    build_folder: Path,
    *,
    text: str = "",
    names: dict[str, str] | None = None,
    invented: bool = False,
    shapes: dict[str, object] | None = None,
) -> Path:
    """Build a map of the shapes; every text field of every layer is `text`, or for names what `names` says."""
    build_folder.mkdir(parents=True, exist_ok=True)
    new = build_folder / ".map-new.duckdb"
    con = store.create(new)
    for name, shape in (SHAPES if shapes is None else shapes).items():
        store.write_layer(con, LAYERS[name], _row(name, shape, text, names or {}))
        store.write_table(con, "sources", _source(name, text, invented=invented))
    if "incidents" in (SHAPES if shapes is None else shapes):
        own = {"id": "acts/1", "source_id": "incidents", "snapshot_on": DAY, "row_number": 1}
        store.write_layer(con, LAYERS["acts"], pd.DataFrame([own | {"incident_id": "incidents/1", "type": "threat"}]))
    pair = {"left_layer": "concessions", "left_id": "concessions/1", "right_layer": "communities"}
    pair |= {"right_id": "communities/1", "area_ha": 6_100.0, "share_of_left": 0.5, "share_of_right": 0.5}
    store.write_table(con, "overlaps", pd.DataFrame([pair | {"certainty": "certain"}]))
    digest = store.digest(con)
    store.finish(con)
    return artefact.publish(build_folder, new, digest=digest, inputs=digest)


def _row(name: str, shape: object, text: str, names: dict[str, str]) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    values: dict[str, object] = {c.name: text for c in layer.own if c.type == "VARCHAR" and not c.vocabulary}
    values |= {"id": f"{name}/1", "source_id": name, "snapshot_on": DAY, "row_number": 1}
    values["title" if name == "incidents" else "name"] = names.get(name, text or f"The {name} row")
    coded = {"concessions": {"kind": "mining", "status": "granted", "granted_on": dt.date(2009, 5, 1)}}
    coded["incidents"] = {"visibility": "public_record", "location_precision": "exact", "date_precision": "day"}
    coded["regions"] = {"level": "province"}
    return gpd.GeoDataFrame([values | coded.get(name, {})], geometry=[shape], crs=CRS)


def _source(name: str, text: str, *, invented: bool) -> pd.DataFrame:
    counts = {"rows_read": 1, "rows_kept": 1, "rows_repaired": 0, "rows_rejected": 0}
    told = {"publisher": text or "A register", "licence": text or "CC0-1.0", "title": text, "fingerprint": name}
    keys = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "invented": invented}
    return pd.DataFrame([keys | told | counts])


@contextmanager
def serving(build_folder: Path, *, operated: Path | None = None) -> Generator[str]:
    """Serve a build folder from a process of its own, whose readers may add to the workspace `operated`; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    order = "import sys; from pathlib import Path; from app.server import serve; folder, port, *space = sys.argv[1:]; "
    order += "serve(Path(folder), port=int(port), operated=Path(space[0]) if space else None)"
    space = [str(operated)] if operated else []
    process = subprocess.Popen(
        [sys.executable, "-c", order, str(build_folder), str(port), *space],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def _wait_for(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(process.stdout.read().decode() if process.poll() is not None else "the server did not start")

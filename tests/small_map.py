"""A map small enough to check by hand: one concession, half on a community's land, a park, an attack on record."""

import datetime as dt
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import geopandas as gpd
import pandas as pd
from shapely import Geometry, Point, box, to_wkb

from lindero.layers.database import coverage, map_writer
from lindero.layers.disk import builds
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.vault.vault_file import Vault
from tests import forked, patience
from tests.once import map_of

DAY = dt.date(2026, 6, 30)
SHAPES = {
    "concessions": box(-75.00, -10.00, -74.90, -9.90),
    "communities": box(-74.95, -10.00, -74.85, -9.90),
    "protected_areas": box(-74.50, -10.00, -74.40, -9.90),
    "incidents": Point(-74.94, -9.95),
}
IN_BOTH = -9.97, -74.93  # latitude, longitude
COVERED = box(-80.0, -15.0, -70.0, -5.0)
EMPTY_SEA = -10.0, -85.0
# A server of a test ends before it has garbage: Streamlit would have Python look through all objects after each run.
NO_COLLECTION = (
    "from lindero.app.serving.streamlit_host import settings; settings.PINNED['runner.postScriptGC'] = False"
)
NOTHING_BEFOREHAND = (
    "from lindero.app.media.pages.current import cached_answers; cached_answers.iter_opening_questions = lambda: ()"
)


def publish(
    build_folder: Path,
    *,
    text: str = "",
    names: dict[str, str] | None = None,
    invented: bool = False,
    shapes: dict[str, Geometry] | None = None,
    covered: Geometry = COVERED,
) -> Path:
    """
    Build a map of the shapes; every text field of every layer is `text`, or for names what `names` says.

    Every source has data on the ground `covered`.

    A run makes each map once.
    """
    known = SHAPES if shapes is None else shapes
    how = {"text": text, "names": names or {}, "invented": invented, "covered": covered}
    told = "small", how | {"covered": to_wkb(covered)}, [(name, to_wkb(shape)) for name, shape in known.items()]
    return map_of(told, build_folder, lambda: _publish(build_folder, known, **how))


def _publish(
    build_folder: Path,
    known: dict[str, Geometry],
    *,
    text: str,
    names: dict[str, str],
    invented: bool,
    covered: Geometry,
) -> None:
    build_folder.mkdir(parents=True, exist_ok=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create_map(new)
    for name, shape in known.items():
        map_writer.write_layer(con, LAYERS[name], _row(name, shape, text, names))
        map_writer.write_table(con, "sources", _source(name, text, invented=invented))
    if "incidents" in known:
        own = {"id": "acts/1", "source_id": "incidents", "snapshot_on": DAY, "row_number": 1}
        map_writer.write_layer(
            con, LAYERS["acts"], pd.DataFrame([own | {"incident_id": "incidents/1", "type": "threat"}])
        )
    sources = [(name, name) for name in known] + [("acts", "incidents")] * ("incidents" in known)
    if sources:
        rows = [_covered(layer, source, covered) for layer, source in sources]
        coverage.write_coverage(con, gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS))
    pair = {"left_layer": "concessions", "left_id": "concessions/1", "right_layer": "communities"}
    pair |= {"right_id": "communities/1", "area_ha": 6_100.0, "share_of_left": 0.5, "share_of_right": 0.5}
    map_writer.write_table(
        con,
        "overlap_pairs",
        pd.DataFrame([pair | {"certainty": "certain", "left_snapshot_on": DAY, "right_snapshot_on": DAY}]),
    )
    footprint = {"layer": "communities", "id": "communities/1", "covered_by": "concessions"}
    footprint |= {"gross_ha": 6_100.0, "footprint_ha": 6_100.0, "share": 0.5}
    map_writer.write_table(con, "footprints", pd.DataFrame([footprint]))
    digest = map_writer.compute_digest(con)
    map_writer.finish_map(con)
    builds.publish_map(build_folder, new, digest=digest, inputs=digest)


def square_middle(number: int, *, side: float) -> tuple[float, float]:
    """Give longitude and latitude of the middle of one of the squares of `publish_squares`."""
    return -76.0 + number * side * 20, -9.0


def publish_squares(build_folder: Path, count: int, *, side: float) -> Path:
    """Build a map of concessions far apart, named Square 0, Square 1, …"""
    build_folder.mkdir(parents=True, exist_ok=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create_map(new)
    rows = []
    for number in range(count):
        lon, lat = square_middle(number, side=side)
        shape = box(lon - side / 2, lat - side / 2, lon + side / 2, lat + side / 2)
        row = _row("concessions", shape, "", {"concessions": f"Square {number} of many"})
        rows.append(row.assign(id=f"concessions/{number}", row_number=number + 1))
    map_writer.write_layer(con, LAYERS["concessions"], gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=CRS))
    source = _source("concessions", "", invented=False)
    map_writer.write_table(con, "sources", source.assign(rows_read=count, rows_kept=count))
    digest = map_writer.compute_digest(con)
    map_writer.finish_map(con)
    return builds.publish_map(build_folder, new, digest=digest, inputs=digest)


def _row(name: str, shape: object, text: str, names: dict[str, str]) -> gpd.GeoDataFrame:
    layer = LAYERS[name]
    values: dict[str, object] = {c.name: text for c in layer.own_columns if c.type == "VARCHAR" and not c.vocabulary}
    values |= {"id": f"{name}/1", "source_id": name, "snapshot_on": DAY, "row_number": 1}
    values["title" if name == "incidents" else "name"] = names.get(name, text or f"The {name} row")
    coded = {"concessions": {"kind": "mining", "status": "granted", "granted_on": dt.date(2009, 5, 1)}}
    coded["incidents"] = {"visibility": "public_record", "location_precision": "exact", "date_precision": "day"}
    coded["regions"] = {"level": "province"}
    return gpd.GeoDataFrame([values | coded.get(name, {})], geometry=[shape], crs=CRS)


def _covered(layer: str, source: str, ground: Geometry) -> dict[str, object]:
    keys = {"layer": layer, "source_id": source, "snapshot_on": DAY, "basis": "declared", "extent": "covered"}
    return keys | {"place": "PE", "name": "Peru", "geometry": ground}


def _source(name: str, text: str, *, invented: bool) -> pd.DataFrame:
    counts = {"rows_read": 1, "rows_kept": 1, "rows_repaired": 0, "rows_rejected": 0}
    told = {"publisher": text or "A register", "licence": text or "CC0-1.0", "title": text, "fingerprint": name}
    keys = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "invented": invented}
    return pd.DataFrame([keys | told | counts])


def free_port() -> int:
    """Give a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    build_folder: Path,
    *,
    port: int = 0,
    login: Path | None = None,
    roles: Path | None = None,
    operated: Path | None = None,
    held: Vault | None = None,
    before: str = "",
    beforehand: bool = False,
    host: str = "127.0.0.1",
    log: Path | None = None,
    anew: bool | None = None,
) -> Generator[str]:
    """
    Serve a build folder from a process of its own, which runs the code `before` first; gives its address.

    The process is forked from one that has the server loaded, for that takes longer than all else until it answers; or
    it begins `anew`, as the program does: if it is said, and, unless said otherwise, where there is code to run first.

    What pages open with is answered `beforehand`, as every server does for its readers, where most pages of a map are
    visited: a test that visits few would wait beside answers, of seconds each, that nobody asks for. Readers may add to the workspace `operated`, have to log in by the settings `login`, and see what the vault `held`
    holds. What it says goes to `log`.
    """
    port = port or free_port()
    settings = f", host={host!r}" + ("" if login is None else f", login_settings=Path({str(login)!r})")
    settings += "" if roles is None else f", roles_file=Path({str(roles)!r})"
    settings += "" if operated is None else f", operated=Path({str(operated)!r})"
    settings += "" if held is None else f", vault=Vault(Path({str(held.folder)!r}), Key({held.key.secret!r}))"
    anew = bool(before) if anew is None else anew
    before += "" if anew else f"\n{NO_COLLECTION}"
    before += "" if beforehand else f"\n{NOTHING_BEFOREHAND}"
    order = f"import sys; from pathlib import Path; from lindero.app.serving.asgi import serve; from lindero.layers.vault.key_derivation import Key; from lindero.layers.vault.vault_file import Vault; serve(Path(sys.argv[1]), port=int(sys.argv[2]){settings})"
    code, words = f"{before}\n{order}", [str(build_folder), str(port)]
    with NamedTemporaryFile() if log is None else log.open("w+b") as said:
        if anew:
            process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=said, stderr=said)
            lives, ended = (lambda: process.poll() is None), partial(patience.end, process)
        else:
            lives, ended = forked.lives_and_ended(forked.program(code, words, Path(said.name)))
        try:
            _wait_for(host, port, lives, said)
            yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        finally:
            ended()


def _wait_for(host: str, port: int, lives: Callable[[], bool], said: IO[bytes]) -> None:
    while lives():  # however long a busy machine takes
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    said.seek(0)
    raise RuntimeError(said.read().decode() or "the server did not start")

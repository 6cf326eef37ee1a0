"""Whether a file lies beside what the map has of the same things: in another datum than it says, or on another base."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from lindero.app.pipeline.rows.coverage import last_map
from lindero.app.pipeline.rows.row_location import SWAPPED
from lindero.app.pipeline.rows.row_report import Ingested
from lindero.app.text.codes import word
from lindero.app.text.i18n import number
from lindero.geo.near.nearest import DIRECTIONS
from lindero.geo.registers.displacement import (
    BOX,
    Displacement,
    Explanation,
    Records,
    displacement,
    explanations,
    is_constant,
)
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.workspace.manifest_file import Workspace

_AS_WELL_M = 5.0

KINDS = ("displaced_by_datum", "displaced_by_no_datum")


@dataclass(frozen=True)
class _Register:
    """One snapshot of a source: its rows by code, form and box, and the system as which its coordinates were read."""

    source_id: str
    snapshot_on: str
    read_as: str
    rows: Records


def beside_the_map(taken: Ingested, space: Workspace) -> Ingested:
    """
    Add what is found when a planned file is held against the current rows of its layer on the workspace's last map.

    Raises
    ------
    CRSError
        If its rows lie off those of the same code or form as coordinates in another datum than the file's do, and
        nobody said that they are right as they are.
    """
    layer = LAYERS[taken.entry.layer]
    con = last_map(space) if _is_compared(layer) else None
    if con is None:
        return taken
    with con:
        others = list(_registers(con, layer, current=True))
    own = _planned(taken, layer)
    told = []
    for other in others:
        found = None if _key(other) == _key(own) else _found(own, other)
        if found is None:
            continue
        register, finding, fitting = found
        if fitting and register is own and not taken.entry.crs:
            raise _in_another_datum(taken, other, finding, fitting)
        told.append(_row(finding, other, fitting) | _key(own))
    if not told:
        return taken
    findings = pd.DataFrame(told, columns=taken.findings.columns)
    return replace(taken, findings=pd.concat([taken.findings, findings] if len(taken.findings) else [findings]))


def note_displacements(con: Connection, *, same: frozenset[str] = frozenset()) -> None:
    """
    Hold the registers of a map that is made against one another, and write down what lies beside what, and by how much.

    Of two snapshots of one source each is held against the one before, of two sources their current ones. `same` are
    layers of the very snapshots that the last map showed: what was found of them was taken over with them.
    """
    told = []
    compared = [layer for layer in LAYERS.values() if _is_compared(layer) and layer.name not in same]
    for layer in compared:
        for one, other in _pairs(con, layer):
            if found := _found(one, other):
                register, finding, fitting = found
                told.append(_row(finding, other if register is one else one, fitting) | _key(register))
    map_writer.replace_findings(con, KINDS, pd.DataFrame(told), layers=[layer.name for layer in compared])


def _is_compared(layer: Layer) -> bool:
    return layer.has_geometry and layer.name not in OF_PERSONS and {"area_ha"} <= layer.names


def _pairs(con: Connection, layer: Layer) -> Iterator[tuple[_Register, _Register]]:
    """Pair a register with those that it is held against: the later one first."""
    counted = [source for source in map_database.read_sources(con) if source.layer == layer.name]
    if len(counted) < 2:  # noqa: PLR2004  a pair
        return
    every = sorted(_registers(con, layer, current=False), key=lambda one: (one.snapshot_on, one.source_id))
    current = {(source.source_id, source.snapshot_on.isoformat()) for source in counted if source.is_current}
    for earlier, later in combinations(every, 2):
        if earlier.source_id == later.source_id:
            between = [one for one in every if one.source_id == later.source_id]
            if between.index(later) - between.index(earlier) == 1:
                yield later, earlier
        elif {(one.source_id, one.snapshot_on) for one in (earlier, later)} <= current:
            yield later, earlier


def _registers(con: Connection, layer: Layer, *, current: bool) -> Iterator[_Register]:
    sources = [
        source
        for source in map_database.read_sources(con)
        if source.layer == layer.name and (source.is_current or not current)
    ]
    if not sources:
        return
    rows = map_queries.read_boxes(con, layer)
    days = rows["snapshot_on"].astype(str).str[:10]
    for source in sources:
        own = rows[(rows["source_id"] == source.source_id) & (days == source.snapshot_on.isoformat())]
        yield _Register(source.source_id, source.snapshot_on.isoformat(), _system(source), Records(own))


def _system(source: Source) -> str:
    return _plain(source.crs_received or CRS)


def _plain(crs: str) -> str:
    return crs.removesuffix(SWAPPED).strip()


def _planned(taken: Ingested, layer: Layer) -> _Register:
    rows = taken.tables[layer.name]
    placed = gpd.GeoDataFrame(rows[rows["geometry"].notna()], geometry="geometry")
    boxes = placed.bounds.set_axis(BOX, axis=1)
    columns = boxes.assign(**{name: placed.get(name) for name in ("code", "area_ha")})
    read_as = taken.entry.crs or (taken.received.crs.to_string() if taken.received.crs else CRS)
    return _Register(taken.entry.id, taken.entry.snapshot_on, _plain(read_as), Records(columns))


def _found(one: _Register, other: _Register) -> tuple[_Register, Displacement, list[Explanation]] | None:
    """Give which of two registers lies off, by how much, and what would explain it, the best first; None if none."""
    found = displacement(one.rows, other.rows)
    if found is None:
        return None
    fitting = explanations(found, first=one.read_as, second=other.read_as)
    if not fitting and not is_constant(found):
        return None
    return (one if not fitting or fitting[0].of_first else other), found, fitting


def _key(one: _Register) -> dict[str, object]:
    return {"source_id": one.source_id, "snapshot_on": one.snapshot_on}


def _row(found: Displacement, other: _Register, fitting: list[Explanation]) -> dict[str, object]:
    """Write a finding of a whole file: metres, bearing, how many rows say so, against what, and what explains it."""
    turned = found.bearing if not fitting or fitting[0].of_first else (found.bearing + 180) % 360
    parts = [f"{found.metres:.0f} m, {turned:.0f}°", f"{found.rows}/{found.of} {other.source_id} {other.snapshot_on}"]
    if fitting:
        parts.append(f"{_title(fitting[0])}{_others(fitting)} → {fitting[0].read_as}")
    kind = KINDS[0] if fitting else KINDS[1]
    return {"row_number": 0, "finding": kind, "column_name": "geometry", "detail": " · ".join(parts)}


def _title(one: Explanation) -> str:
    return f"{one.crs} ({pyproj.CRS(one.crs).name})"


def _others(fitting: list[Explanation]) -> str:
    """Name the systems that explain it as well as the best does: some datums were adjusted again by a metre or two."""
    best, *rest = fitting
    alike = [one for one in rest if one.read_as == best.read_as and one.left_m <= best.left_m + _AS_WELL_M]
    return "".join(f" | {_title(one)}" for one in alike)


def _in_another_datum(taken: Ingested, other: _Register, found: Displacement, fitting: list[Explanation]) -> CRSError:
    best = fitting[0]
    own = taken.entry.crs or (taken.received.crs.to_string() if taken.received.crs else CRS)
    finding = {
        "name": Path(taken.entry.file).name,
        "rows": number(found.rows),
        "of": number(found.of),
        "source": other.source_id,
        "date": other.snapshot_on,
        "metres": number(found.metres),
        "direction": word(DIRECTIONS[round(found.bearing / 45) % 8]),
        "title": pyproj.CRS(best.crs).name,
        "best": best.crs,
        "others": _others(fitting),
        "own": own,
        "label": pyproj.CRS(best.read_as).name,
    }
    if _plain(own) == best.read_as:
        return CRSError(
            N_(
                "{rows} of {of} rows of {name} that {source} ({date}) holds too lie {metres} m to the {direction} of "
                "where they lie there, as coordinates in {title} do that are read as {label}. If they are in it, add "
                "--crs {best}{others}; if they are right as read, --crs {own}"
            ),
            **finding,
        )
    return CRSError(
        N_(
            "{rows} of {of} rows of {name} that {source} ({date}) holds too lie {metres} m to the {direction} of where "
            "they lie there, as coordinates in {title} do that were taken for {label} before they were sent. Ask for a "
            "file in {best}{others}; if they are right as read, add --crs {own}"
        ),
        **finding,
    )

"""Comparison of a file with registers of the same layer on the map, to find displacements.

A displacement may come from another datum than stated, or from another base map.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from lindero.app.builder.rows.coverage import open_last_map
from lindero.app.builder.rows.row_location import SWAPPED_SUFFIX
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import format_number
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
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.workspace.manifest_file import Workspace

_TIE_M = 5.0

KINDS = ("displaced_by_datum", "displaced_by_no_datum")


@dataclass(frozen=True)
class _Register:
    """One snapshot of a source: its rows by code, size and bounding box, and the CRS in which it was read."""

    source_id: str
    snapshot_on: str
    read_as: str
    rows: Records


def compare_with_map(ingested: IngestedSource, space: Workspace) -> IngestedSource:
    """Compare a planned file with the current rows of its layer on the workspace's last map, and add findings."""
    layer = LAYERS[ingested.entry.layer]
    con = open_last_map(space) if _is_comparable(layer) else None
    if con is None:
        return ingested
    with con:
        others_on_map = list(_iter_registers(con, layer, current=True))
    planned_register = _register_from_plan(ingested, layer)
    rows = []
    for other_register in others_on_map:
        result = (
            None
            if _register_key(other_register) == _register_key(planned_register)
            else _find_displacement(planned_register, other_register)
        )
        if result is None:
            continue
        register, finding, matching = result
        if matching and register is planned_register and not ingested.entry.crs:
            raise _other_datum_error(ingested, other_register, finding, matching)
        rows.append(_finding_row(finding, other_register, matching) | _register_key(planned_register))
    if not rows:
        return ingested
    findings = pd.DataFrame(rows, columns=ingested.findings.columns)
    return replace(
        ingested, findings=pd.concat([ingested.findings, findings] if len(ingested.findings) else [findings])
    )


def note_displacements(con: Connection) -> None:
    """Compare the registers of a map under construction, and write findings about displacements.

    Two snapshots of one source are compared if they are consecutive. Of different sources, the current snapshots are
    compared.
    """
    rows = []
    compared = [layer for layer in LAYERS.values() if _is_comparable(layer)]
    for layer in compared:
        for first, second in _iter_pairs(con, layer):
            if result := _find_displacement(first, second):
                register, finding, matching = result
                rows.append(
                    _finding_row(finding, second if register is first else first, matching) | _register_key(register)
                )
    map_writer.replace_findings(con, KINDS, pd.DataFrame(rows), layers=[layer.name for layer in compared])


def _is_comparable(layer: Layer) -> bool:
    return layer.has_geometry and layer.name not in PERSON_LAYERS and {"area_ha"} <= layer.names


def _iter_pairs(con: Connection, layer: Layer) -> Iterator[tuple[_Register, _Register]]:
    """Yield the pairs of registers to be compared, the later one first."""
    sources = [source for source in map_database.read_sources(con) if source.layer == layer.name]
    if len(sources) < 2:  # noqa: PLR2004  a pair
        return
    registers = sorted(
        _iter_registers(con, layer, current=False), key=lambda register: (register.snapshot_on, register.source_id)
    )
    current = {(source.source_id, source.snapshot_on.isoformat()) for source in sources if source.is_current}
    for earlier, later in combinations(registers, 2):
        if earlier.source_id == later.source_id:
            same_source = [register for register in registers if register.source_id == later.source_id]
            if same_source.index(later) - same_source.index(earlier) == 1:
                yield later, earlier
        elif {(register.source_id, register.snapshot_on) for register in (earlier, later)} <= current:
            yield later, earlier


def _iter_registers(con: Connection, layer: Layer, *, current: bool) -> Iterator[_Register]:
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
        source_rows = rows[(rows["source_id"] == source.source_id) & (days == source.snapshot_on.isoformat())]
        yield _Register(source.source_id, source.snapshot_on.isoformat(), _source_crs(source), Records(source_rows))


def _source_crs(source: Source) -> str:
    return _remove_swap_suffix(source.crs_received or CRS)


def _remove_swap_suffix(crs: str) -> str:
    return crs.removesuffix(SWAPPED_SUFFIX).strip()


def _register_from_plan(ingested: IngestedSource, layer: Layer) -> _Register:
    rows = ingested.tables[layer.name]
    placed = gpd.GeoDataFrame(rows[rows["geometry"].notna()], geometry="geometry")
    boxes = placed.bounds.set_axis(BOX, axis=1)
    columns = boxes.assign(**{name: placed.get(name) for name in ("code", "area_ha")})
    read_as = ingested.entry.crs or (ingested.received.crs.to_string() if ingested.received.crs else CRS)
    return _Register(ingested.entry.id, ingested.entry.snapshot_on, _remove_swap_suffix(read_as), Records(columns))


def _find_displacement(first: _Register, second: _Register) -> tuple[_Register, Displacement, list[Explanation]] | None:
    """Compare two registers.

    Return the displaced register, the displacement, and its explanations, the best first. Return None if there is no
    displacement.
    """
    shift = displacement(first.rows, second.rows)
    if shift is None:
        return None
    matching = explanations(shift, first=first.read_as, second=second.read_as)
    if not matching and not is_constant(shift):
        return None
    return (first if not matching or matching[0].is_of_first else second), shift, matching


def _register_key(register: _Register) -> dict[str, object]:
    return {"source_id": register.source_id, "snapshot_on": register.snapshot_on}


def _finding_row(shift: Displacement, reference: _Register, matching: list[Explanation]) -> dict[str, object]:
    """Build a finding about a whole file.

    Its detail states metres, bearing, the number of rows that agree, the compared source, and the explanation.
    """
    turned = shift.bearing if not matching or matching[0].is_of_first else (shift.bearing + 180) % 360
    parts = [
        f"{shift.metres:.0f} m, {turned:.0f}°",
        f"{shift.agreeing_rows}/{shift.matched_rows} {reference.source_id} {reference.snapshot_on}",
    ]
    if matching:
        parts.append(f"{_crs_title(matching[0])}{_alternatives_text(matching)} → {matching[0].read_as}")
    kind = KINDS[0] if matching else KINDS[1]
    return {"row_number": 0, "finding": kind, "column_name": "geometry", "detail": " · ".join(parts)}


def _crs_title(explanation: Explanation) -> str:
    return f"{explanation.crs} ({pyproj.CRS(explanation.crs).name})"


def _alternatives_text(matching: list[Explanation]) -> str:
    """Return the other systems that explain the displacement as well as the best one.

    Some datums were readjusted later by a metre or two.
    """
    best, *rest = matching
    alike = [
        explanation
        for explanation in rest
        if explanation.read_as == best.read_as and explanation.left_m <= best.left_m + _TIE_M
    ]
    return "".join(f" | {_crs_title(explanation)}" for explanation in alike)


def _other_datum_error(
    ingested: IngestedSource, reference: _Register, shift: Displacement, matching: list[Explanation]
) -> CRSError:
    best = matching[0]
    own_crs = ingested.entry.crs or (ingested.received.crs.to_string() if ingested.received.crs else CRS)
    finding = {
        "name": Path(ingested.entry.file).name,
        "rows": format_number(shift.agreeing_rows),
        "of": format_number(shift.matched_rows),
        "source": reference.source_id,
        "date": reference.snapshot_on,
        "metres": format_number(shift.metres),
        "direction": translate_code(DIRECTIONS[round(shift.bearing / 45) % 8]),
        "title": pyproj.CRS(best.crs).name,
        "best": best.crs,
        "others": _alternatives_text(matching),
        "own": own_crs,
        "label": pyproj.CRS(best.read_as).name,
    }
    if _remove_swap_suffix(own_crs) == best.read_as:
        return CRSError(
            N_(
                "{rows} of the {of} rows that {name} shares with {source} ({date}) are {metres} m to the "
                "{direction} of their place in that source. This happens when coordinates in {title} are "
                "read as {label}. If this is the case, add --crs {best}{others}. If the coordinates are "
                "right as read, add --crs {own}"
            ),
            **finding,
        )
    return CRSError(
        N_(
            "{rows} of the {of} rows that {name} shares with {source} ({date}) are {metres} m to the "
            "{direction} of their place in that source. This happens when coordinates in {title} were "
            "mistaken for {label} before they were sent. Ask for a file in {best}{others}. If the "
            "coordinates are right as read, add --crs {own}"
        ),
        **finding,
    )

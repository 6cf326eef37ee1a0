"""Concessions on a named area as a whole: their number, their footprint, and the largest holders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.answers.overlap.land import (
    Land,
    measure_combined_land,
    measure_each_land,
    rank_holders,
    rank_holders_by_land,
)
from lindero.app.answers.place.spot import NamedArea
from lindero.app.answers.registers import CountedRows
from lindero.geo import overlap
from lindero.geo.geometry.areas import area_ha
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, LAYERS, PROTECTED_AREAS, REGIONS

WORKS = "tailings", "processing_plant"  # kinds that registers list among concessions, although they only serve mines
MOST_HOLDERS = 12  # only these are measured, by gross area; others cannot be among the largest, but for rounding


class AreaPart(NamedTuple):
    """A holder of concessions on an area, or a community's land under a concession, with the footprint there."""

    name: str | None  # None if no name is recorded
    footprint_ha: float  # overlapping ground is counted once
    share: float | None = None  # of the community's land
    id: str = ""  # of the community


@dataclass(frozen=True)
class AreaReport:
    """A report on the concessions on a named area.

    `land` has the number of concessions on it and their footprint, as for a community. `parts` are their holders, the
    one with the largest footprint first. For a concession, `parts` are the lands of communities that it overlaps.
    `protected` are the names of the protected areas that overlap a community's land or a concession. `shared` are the
    lands of other communities that overlap a community's land, with the hectares of both. `ids` are those of
    the concessions, communities and protected areas that overlap the area, by layer, the largest overlap first. `works`
    are the names of the plants and tailings deposits among the concessions, by kind.
    """

    area: NamedArea
    land: Land
    parts: tuple[AreaPart, ...]
    ids: Mapping[str, tuple[str, ...]]
    protected: tuple[str, ...] = ()
    shared: tuple[AreaPart, ...] = ()
    works: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def measure_area(
    con: Connection, area: NamedArea, names: Mapping[str, str], *, on_lands: pd.DataFrame | None = None
) -> AreaReport:
    """Measure the concessions on an area.

    The same functions compute the figures of the community page, `lindero exposure` and `lindero regions`.

    `names`: the main name of each spelling of a holder, from `app.answers.holder_spellings.map_spellings`. `on_lands`:
    overlaps of concessions with communities (`app.answers.overlap.land.read_concessions_on_land`), if read before.
    """
    return measure_areas(con, [area], names, on_lands=on_lands)[0]


def measure_areas(
    con: Connection,
    areas: Sequence[NamedArea],
    names: Mapping[str, str],
    *,
    on_lands: pd.DataFrame | None = None,
    lands: Mapping[str, Land] | None = None,
) -> list[AreaReport]:
    """Measure the concessions on many areas. The other parameters are those of `measure_area`.

    Communities and protected areas are measured together, so that their overlaps and concessions are read once.

    `lands`: the concessions on the land of communities by id (`app.answers.overlap.land.measure_community_lands`), if
    measured before with the same overlaps.
    """
    reports: dict[str, AreaReport] = {}
    for layer in (COMMUNITIES.name, PROTECTED_AREAS.name):
        in_layer = [area for area in areas if area.layer == layer]
        if in_layer:
            pairs, known = (on_lands, lands or {}) if layer == COMMUNITIES.name else (None, {})
            reports |= {
                report.area.key: report for report in _measure_lands(con, layer, in_layer, names, pairs, known=known)
            }
    for area in areas:
        if area.layer == CONCESSIONS.name:
            reports[area.key] = _measure_concession(con, area)
        elif area.layer == REGIONS.name:
            reports[area.key] = _measure_region(con, area, names)
    return [reports[area.key] for area in areas]


def _measure_lands(
    con: Connection,
    layer: str,
    areas: Sequence[NamedArea],
    names: Mapping[str, str],
    all_pairs: pd.DataFrame | None,
    *,
    known: Mapping[str, Land],
) -> Iterator[AreaReport]:
    """Measure communities, or protected areas. The least id of an area's polygons identifies all of them."""
    if all_pairs is None:
        all_pairs, _counted = overlaps.find_pairs(con, CONCESSIONS.name, layer, whole=layer)
    area_ids = {id_: min(area.ids) for area in areas for id_ in area.ids}
    pairs = all_pairs[all_pairs["right_id"].isin(area_ids)]
    rows = map_database.read_layer(con, LAYERS[layer], where={"id": list(area_ids)})
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(pairs["left_id"].unique())})
    at_row, at_pair = rows["id"].map(area_ids), pairs["right_id"].map(area_ids)
    in_parts = at_row.duplicated(keep=False)
    single = rows[~in_parts & ~rows["id"].isin(known.keys())]
    lands = dict(known) | measure_each_land(con, layer, pairs[pairs["right_id"].isin(single["id"])], single, titles)
    for id_ in at_row[in_parts].unique():
        lands[id_] = measure_combined_land(con, pairs[at_pair == id_], rows[at_row == id_])
    whole = rows.assign(id=at_row).dissolve("id").reset_index() if in_parts.any() else rows
    holders = rank_holders_by_land(pairs.assign(right_id=at_pair), whole, names, titles)
    parts = {str(id_): _holders_to_parts(group) for id_, group in holders.groupby("id")}
    titles_on = _group_ids(pairs["left_id"], at_pair)
    other_layer = COMMUNITIES.name if layer == PROTECTED_AREAS.name else PROTECTED_AREAS.name
    lands_in_common = find_shared_lands(con, rows.assign(entry=at_row)) if layer == COMMUNITIES.name else {}
    shared, _counted = overlaps.find_pairs(con, COMMUNITIES.name, PROTECTED_AREAS.name, whole=layer)
    side, other_side = ("left", "right") if layer == COMMUNITIES.name else ("right", "left")
    at_shared = shared[f"{side}_id"].map(area_ids)
    other_ids = _group_ids(shared[f"{other_side}_id"], at_shared)
    protected = _group_ids(shared["right_name"], at_shared) if layer == COMMUNITIES.name else {}
    works = titles[titles["kind"].isin(WORKS)]
    for area in areas:
        id_ = min(area.ids)
        ids = {CONCESSIONS.name: titles_on.get(id_, ()), layer: area.ids, other_layer: other_ids.get(id_, ())}
        yield AreaReport(
            area,
            lands[id_],
            parts.get(id_, ()),
            ids,
            protected.get(id_, ()),
            lands_in_common.get(id_, ()),
            works=_list_works(works, titles_on.get(id_, ())),
        )


def read_shared_lands(con: Connection, community: str) -> tuple[AreaPart, ...]:
    """Return the lands of other communities that overlap the land of a community, the largest overlap first."""
    rows = map_database.read_layer(con, COMMUNITIES, where={"id": community})
    return find_shared_lands(con, rows.assign(entry=community)).get(community, ())


def find_shared_lands(con: Connection, rows: gpd.GeoDataFrame) -> dict[str, tuple[AreaPart, ...]]:
    """Find the lands of other communities that overlap some lands, by `entry`, the largest overlap first.

    `rows` are polygons of communities; those with the same `entry` are one land. Slivers are left out.
    """
    placed = rows[rows.geometry.notna()]
    if placed.empty:
        return {}
    west, south, east, north = map(float, placed.total_bounds)
    others = map_database.read_layer(con, COMMUNITIES, bounds=(west, south, east, north))
    pairs = overlap(placed.drop(columns="entry"), others)
    entries, names = placed.set_index("id")["entry"], others.set_index("id")["name"]
    pairs = pairs[(pairs["certainty"] != SLIVER) & (pairs["left_id"] != pairs["right_id"])]
    pairs = pairs.assign(entry=pairs["left_id"].map(entries), name=pairs["right_id"].map(names))
    pairs = pairs[pairs["entry"] != pairs["right_id"].map(entries)]
    return {
        str(entry): tuple(
            AreaPart(None if pd.isna(name) else str(name), float(ha), id=str(id_))
            for name, ha, id_ in zip(group["name"], group["area_ha"], group["right_id"], strict=True)
        )
        for entry, group in pairs.groupby("entry")
    }


def _list_works(works: pd.DataFrame, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of those of the tailings deposits and plants that have some ids, by kind."""
    rows = works[works["id"].isin(ids)]
    names = rows["name"].fillna(rows["id"])
    return {kind: tuple(sorted(names[rows["kind"] == kind])) for kind in WORKS if (rows["kind"] == kind).any()}


def _group_ids(values: "pd.Series[str]", groups: "pd.Series[str]") -> dict[str, tuple[str, ...]]:
    """Return the distinct values of each group, in their order, without missing ones."""
    return {
        str(group): _unique_ids(group_values) for group, group_values in values.dropna().groupby(groups, sort=False)
    }


def _measure_region(con: Connection, area: NamedArea, names: Mapping[str, str]) -> AreaReport:
    """Measure a region. A concession counts if its inner point is in the region, as in `regions.compare_regions`."""
    rows = gpd.GeoDataFrame({"id": [area.name]}, geometry=[area.shape], crs=CRS)
    rows = rows.assign(area_ha=area_ha(rows.geometry), boundary_accuracy_m=np.nan)
    titles = map_database.read_layer(con, CONCESSIONS, bounds=_bounds(area.shape))
    titles = titles[~titles["id"].isin(CountedRows.from_map(con, CONCESSIONS).ids)].reset_index(drop=True)
    pairs = overlap(titles, rows).merge(titles[["id", "holder"]], left_on="left_id", right_on="id")
    pairs = pairs.rename(columns={"holder": "left_holder"})
    land = measure_combined_land(con, pairs, rows, titles=titles)
    inside = shapely.contains(area.shape, shapely.point_on_surface(titles.geometry.to_numpy()))
    by_holder = pairs.groupby(pairs["left_holder"].map(names), dropna=False)["area_ha"].transform("sum")
    largest = pairs[by_holder.rank(method="dense", ascending=False) <= MOST_HOLDERS]
    holders = rank_holders(con, largest, rows, names, titles=titles)
    counted_land = Land(
        int(inside.sum()), land.gross_ha, land.footprint_ha, land.certain_ha, land.share, 0, land.area_ha
    )
    return AreaReport(area, counted_land, _holders_to_parts(holders), {CONCESSIONS.name: _unique_ids(pairs["left_id"])})


def _measure_concession(con: Connection, area: NamedArea) -> AreaReport:
    """Measure the overlaps of a concession with the lands of communities, the largest first."""
    all_pairs, _counted = overlaps.find_pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    pairs = all_pairs[all_pairs["left_id"].isin(area.ids)]
    rows = map_database.read_layer(con, CONCESSIONS, where={"id": list(area.ids)})
    on_lands = pairs.groupby("right_id", sort=False)[["right_name", "area_ha", "share_of_right"]]
    lands = on_lands.agg({"right_name": "first", "area_ha": "sum", "share_of_right": "sum"})
    parts = [AreaPart(_to_text(name), float(ha), float(share), str(id_)) for id_, name, ha, share in lands.itertuples()]
    land = Land(len(area.ids), 0.0, 0.0, 0.0, None, 0, float(rows["area_ha"].sum()))
    protected = _protected_pairs(con, area)
    ids = {CONCESSIONS.name: area.ids, COMMUNITIES.name: _unique_ids(pairs["right_id"])}
    return AreaReport(
        area,
        land,
        tuple(parts),
        ids | {PROTECTED_AREAS.name: _unique_ids(protected["right_id"])},
        _unique_names(protected),
    )


def _protected_pairs(con: Connection, area: NamedArea) -> pd.DataFrame:
    """Return the overlaps of a community's land or a concession with protected areas."""
    pairs, _counted = overlaps.find_pairs(con, area.layer, PROTECTED_AREAS.name, whole=area.layer)
    return pairs[pairs["left_id"].isin(area.ids)]


def _unique_ids(values: "pd.Series[str]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, values)))


def _unique_names(protected: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(name) for name in protected["right_name"].dropna().drop_duplicates())


def _holders_to_parts(holders: pd.DataFrame) -> tuple[AreaPart, ...]:
    rows = zip(holders["holder"], holders["footprint_ha"], strict=True)
    return tuple(AreaPart(_to_text(holder), float(ha)) for holder, ha in rows)


def _to_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _bounds(shape: BaseGeometry) -> map_database.Bounds:
    west, south, east, north = map(float, shape.bounds)
    return west, south, east, north

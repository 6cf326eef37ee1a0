"""A named area as a whole: which concessions are on it, how much of it they cover, and who holds most of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.land import (
    Land,
    land_under,
    lands_under,
    rank_holders,
    rank_holders_by_land,
)
from lindero.app.answers.place.spot import NamedArea
from lindero.app.answers.registers import Counted
from lindero.geo import overlap
from lindero.geo.geometry.areas import area_ha
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, LAYERS, PROTECTED_AREAS, REGIONS

MOST_HOLDERS = 12  # of an area whose ground is measured: no other can be among the largest, but for a rounding


class Part(NamedTuple):
    """A holder of concessions on an area, or land of a community under a concession, with its ground there."""

    name: str | None  # None where nobody is named
    footprint_ha: float  # ground counted once
    share: float | None = None  # of the community's land
    id: str = ""  # of the community


@dataclass(frozen=True)
class AreaReport:
    """
    What is on a named area.

    `land` counts the concessions on it and the ground that they cover, as for a community. `parts` are the holders of
    these, the one with most ground first; of a concession, the lands of communities that it is on. `protected` are the
    names of the protected areas that share ground with a community's land or a concession. `ids` are those of the
    concessions, communities and protected areas that share ground with the area, by layer, the largest overlap first.
    """

    area: NamedArea
    land: Land
    parts: tuple[Part, ...]
    ids: Mapping[str, tuple[str, ...]]
    protected: tuple[str, ...] = ()


def measure_area(
    con: Connection, area: NamedArea, names: Mapping[str, str], *, on_lands: pd.DataFrame | None = None
) -> AreaReport:
    """
    Measure the concessions on an area.

    The figures are those of the page of a community, of `lindero exposure` and of `lindero regions`, by the same
    functions.

    Parameters
    ----------
    names
        The name that each spelling of a holder goes by: `app.answers.holder_spellings.by_spelling`.
    on_lands
        Overlaps of concessions with communities (`app.answers.overlap.land.titles_on_lands`), if read before.
    """
    return measure_areas(con, [area], names, on_lands=on_lands)[0]


def measure_areas(
    con: Connection, areas: Sequence[NamedArea], names: Mapping[str, str], *, on_lands: pd.DataFrame | None = None
) -> list[AreaReport]:
    """
    Measure the concessions on many areas, as `measure_area` does on one.

    Communities and protected areas are measured together, so that their overlaps and concessions are read once.
    """
    reports: dict[str, AreaReport] = {}
    for layer in (COMMUNITIES.name, PROTECTED_AREAS.name):
        lands = [area for area in areas if area.layer == layer]
        if lands:
            pairs = on_lands if layer == COMMUNITIES.name else None
            reports |= {report.area.key: report for report in _of_lands(con, layer, lands, names, pairs)}
    for area in areas:
        if area.layer == CONCESSIONS.name:
            reports[area.key] = _of_concession(con, area)
        elif area.layer == REGIONS.name:
            reports[area.key] = _of_region(con, area, names)
    return [reports[area.key] for area in areas]


def _of_lands(
    con: Connection, layer: str, areas: Sequence[NamedArea], names: Mapping[str, str], every: pd.DataFrame | None
) -> Iterator[AreaReport]:
    """Measure communities, or protected areas. The least id of an area's polygons stands for all of them."""
    if every is None:
        every, _counted = overlaps.find_pairs(con, CONCESSIONS.name, layer, whole=layer)
    own = {id_: min(area.ids) for area in areas for id_ in area.ids}
    pairs = every[every["right_id"].isin(own)]
    rows = map_database.read_layer(con, LAYERS[layer], where={"id": list(own)})
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(pairs["left_id"].unique())})
    at_row, at_pair = rows["id"].map(own), pairs["right_id"].map(own)
    in_parts = at_row.duplicated(keep=False)
    lands = lands_under(con, pairs[pairs["right_id"].isin(rows.loc[~in_parts, "id"])], rows[~in_parts], titles)
    for id_ in at_row[in_parts].unique():
        lands[id_] = land_under(con, pairs[at_pair == id_], rows[at_row == id_])
    whole = rows.assign(id=at_row).dissolve("id").reset_index() if in_parts.any() else rows
    holders = rank_holders_by_land(pairs.assign(right_id=at_pair), whole, names, titles)
    parts = {str(id_): _parts(some) for id_, some in holders.groupby("id")}
    titles_on = _ids_by(pairs["left_id"], at_pair)
    other = COMMUNITIES.name if layer == PROTECTED_AREAS.name else PROTECTED_AREAS.name
    shared, _counted = overlaps.find_pairs(con, COMMUNITIES.name, PROTECTED_AREAS.name, whole=layer)
    side, beside = ("left", "right") if layer == COMMUNITIES.name else ("right", "left")
    at_shared = shared[f"{side}_id"].map(own)
    others = _ids_by(shared[f"{beside}_id"], at_shared)
    protected = _ids_by(shared["right_name"], at_shared) if layer == COMMUNITIES.name else {}
    for area in areas:
        id_ = min(area.ids)
        ids = {CONCESSIONS.name: titles_on.get(id_, ()), layer: area.ids, other: others.get(id_, ())}
        yield AreaReport(area, lands[id_], parts.get(id_, ()), ids, protected.get(id_, ()))


def _ids_by(values: "pd.Series[str]", groups: "pd.Series[str]") -> dict[str, tuple[str, ...]]:
    """Return the different values of each group, in their order; those that are missing are left out."""
    return {str(group): _ids(some) for group, some in values.dropna().groupby(groups, sort=False)}


def _of_region(con: Connection, area: NamedArea, names: Mapping[str, str]) -> AreaReport:
    """Measure a region as `app.answers.regions.compare` does: a concession is counted where a point in it lies."""
    rows = gpd.GeoDataFrame({"id": [area.name]}, geometry=[area.shape], crs=CRS)
    rows = rows.assign(area_ha=area_ha(rows.geometry), boundary_accuracy_m=np.nan)
    titles = map_database.read_layer(con, CONCESSIONS, bounds=_bounds(area.shape))
    titles = titles[~titles["id"].isin(Counted.of_map(con, CONCESSIONS).ids)].reset_index(drop=True)
    pairs = overlap(titles, rows).merge(titles[["id", "holder"]], left_on="left_id", right_on="id")
    pairs = pairs.rename(columns={"holder": "left_holder"})
    land = land_under(con, pairs, rows, titles=titles)
    inside = shapely.contains(area.shape, shapely.point_on_surface(titles.geometry.to_numpy()))
    by_holder = pairs.groupby(pairs["left_holder"].map(names), dropna=False)["area_ha"].transform("sum")
    largest = pairs[by_holder.rank(method="dense", ascending=False) <= MOST_HOLDERS]
    holders = rank_holders(con, largest, rows, names, titles=titles)
    counted = Land(int(inside.sum()), land.gross_ha, land.footprint_ha, land.certain_ha, land.share, 0, land.area_ha)
    return AreaReport(area, counted, _parts(holders), {CONCESSIONS.name: _ids(pairs["left_id"])})


def _of_concession(con: Connection, area: NamedArea) -> AreaReport:
    """Measure how much of the lands of communities a concession is on, the land with most of it first."""
    every, _counted = overlaps.find_pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    pairs = every[every["left_id"].isin(area.ids)]
    rows = map_database.read_layer(con, CONCESSIONS, where={"id": list(area.ids)})
    on_lands = pairs.groupby("right_id", sort=False)[["right_name", "area_ha", "share_of_right"]]
    lands = on_lands.agg({"right_name": "first", "area_ha": "sum", "share_of_right": "sum"})
    parts = [Part(_text(name), float(ha), float(share), str(id_)) for id_, name, ha, share in lands.itertuples()]
    land = Land(len(area.ids), 0.0, 0.0, 0.0, None, 0, float(rows["area_ha"].sum()))
    protected = _protected(con, area)
    ids = {CONCESSIONS.name: area.ids, COMMUNITIES.name: _ids(pairs["right_id"])}
    return AreaReport(
        area, land, tuple(parts), ids | {PROTECTED_AREAS.name: _ids(protected["right_id"])}, _names(protected)
    )


def _protected(con: Connection, area: NamedArea) -> pd.DataFrame:
    """Return the overlaps of a community's land or a concession with protected areas."""
    pairs, _counted = overlaps.find_pairs(con, area.layer, PROTECTED_AREAS.name, whole=area.layer)
    return pairs[pairs["left_id"].isin(area.ids)]


def _ids(values: "pd.Series[str]") -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, values)))


def _names(protected: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(name) for name in protected["right_name"].dropna().drop_duplicates())


def _parts(holders: pd.DataFrame) -> tuple[Part, ...]:
    rows = zip(holders["holder"], holders["footprint_ha"], strict=True)
    return tuple(Part(_text(holder), float(ha)) for holder, ha in rows)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _bounds(shape: BaseGeometry) -> map_database.Bounds:
    west, south, east, north = map(float, shape.bounds)
    return west, south, east, north

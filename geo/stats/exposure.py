"""How much of each community's land lies under title, by kind and status, and between which bounds."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.areas import M2_PER_HA
from lindero.geo.geometry.projection import Floats, Geometries, is_polygonal, polygons_of
from lindero.geo.near.within_distance import within
from lindero.geo.overlay.overlap import MIN_HA
from lindero.geo.overlay.prepared_layer import Ground

STATUSES = ("granted", "applied", "suspended", "unknown", "expired")  # ground under several counts for the first
SEVERAL = "several"
LEAST_M2 = 0.01  # less is what is left when two areas that are one are taken from each other
MARGIN_M = 1_000.0  # what is farther from the land than this is cut off before anything is drawn


def exposure(communities: gpd.GeoDataFrame, concessions: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Measure the ground of every community that titles cover, once.

    Parameters
    ----------
    communities, concessions
        Valid polygons with a unique `id`, `boundary_accuracy_m` where known (assumed 50); concessions with `kind` and
        `status`. Communities known by a point alone are left out: nobody has drawn their land. Any CRS.

    Returns
    -------
    DataFrame, DataFrame
        One row per community, the largest share first: `id`, `land_ha`, `titles` (how many share ground with it),
        `title_ha` (footprint), `share`, `share_low`, `share_high` (0 to 1, of the land as drawn): with all boundaries,
        of titles and land, drawn in by their accuracies, and drawn out.

        The parts of `title_ha`: `id`, `by` (`kind`, `status`), `code`, `title_ha`. By kind, ground under titles of
        more than one kind is `several`; by status, it counts for the first of `STATUSES`. Each adds up to the whole.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    land, titles = Ground.of(communities), Ground.of(concessions)
    farthest_m = (land.accuracy_m.max(initial=0) + titles.accuracy_m.max(initial=0)) / 1000
    pairs = within(_framed(land, communities), _framed(titles, concessions), within_km=farthest_m)
    at_title = pd.Index(titles.ids)
    about = concessions.set_index("id")[["kind", "status"]].reindex(titles.ids).fillna("unknown")
    rows, parts = [], []
    partners = {place: group.to_numpy() for place, group in pairs.groupby("place_id")["id"]}
    for i, community in enumerate(land.ids):
        j = at_title.get_indexer(pd.Index(partners.get(community, np.empty(0, dtype=object))))
        own = scale_factor.around(land.shapes[[i]], scale_factor.middles(land.shapes[[i]]))[0]
        over = _nearby(land.shapes[i], titles.shapes[j])
        covered, land_m2 = _areal(shapely.intersection(over, own)), float(shapely.area(own))
        title_m2 = float(shapely.area(shapely.union_all(covered)))
        low, high = (_covered_m2(own, over, sign * land.accuracy_m[i], sign * titles.accuracy_m[j]) for sign in (-1, 1))
        shares = np.clip(np.array([title_m2, min(low, title_m2), max(high, title_m2)]) / land_m2, 0, 1)
        touching = int((shapely.area(covered) >= MIN_HA * M2_PER_HA).sum())
        rows.append((community, land_m2 / M2_PER_HA, touching, title_m2 / M2_PER_HA, *shares))
        for by, split in (("kind", _by_kind), ("status", _by_status)):
            of_code = split(covered, about[by].to_numpy()[j])
            parts += [(community, by, code, m2 / M2_PER_HA) for code, m2 in of_code.items() if m2 > LEAST_M2]
    table = pd.DataFrame(rows, columns=["id", "land_ha", "titles", "title_ha", "share", "share_low", "share_high"])
    table = table.sort_values(["share", "id"], ascending=[False, True], ignore_index=True)
    return table, pd.DataFrame(parts, columns=["id", "by", "code", "title_ha"])


def _framed(ground: Ground, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame[frame["id"].isin(ground.ids)]


def _nearby(land: shapely.Geometry, titles: Geometries) -> Geometries:
    """Redraw titles round the land, in metres on the ground, cut off where they are far from it."""
    west, south, east, north = shapely.bounds(land)
    margin = float(MARGIN_M * scale_factor.plane_per_m(np.array([max(abs(south), abs(north))]))[0])
    cut = shapely.intersection(titles, shapely.box(west - margin, south - margin, east + margin, north + margin))
    centre = scale_factor.middles(np.array([land], dtype=object))
    return scale_factor.around(_areal(cut), np.repeat(centre, len(cut), axis=0))


def _areal(shapes: Geometries) -> Geometries:
    """Leave out the lines and points along which two shapes merely touch: they cover nothing, and grow if drawn out."""
    shapes = shapes.copy()
    for at in np.flatnonzero(~is_polygonal(shapes)):
        shapes[at] = shapely.union_all(polygons_of(shapes[[at]])[0])
    return shapes


def _covered_m2(land: shapely.Geometry, titles: Geometries, land_by_m: float, titles_by_m: Floats) -> float:
    """Measure what titles cover of the land, all boundaries moved; titles side by side are moved as one."""
    moved = [shapely.buffer(shapely.union_all(titles[titles_by_m == by]), by) for by in np.unique(titles_by_m)]
    return float(shapely.area(shapely.intersection(shapely.union_all(moved), shapely.buffer(land, land_by_m))))


def _by_kind(covered: Geometries, kinds: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> dict[str, float]:
    """Give the ground under each kind alone, and that under several."""
    grounds = {kind: shapely.union_all(covered[kinds == kind]) for kind in sorted(set(kinds))}
    alone = {}
    for kind, ground in grounds.items():
        others = shapely.union_all([other for name, other in grounds.items() if name != kind])
        alone[kind] = float(shapely.area(shapely.difference(ground, others)))
    whole = float(shapely.area(shapely.union_all(covered)))
    several = whole - sum(alone.values())
    return {**alone, SEVERAL: several if several > 1e-6 * whole else 0.0}


def _by_status(covered: Geometries, statuses: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> dict[str, float]:
    """Give the ground under each status that is not under an earlier one of `STATUSES`."""
    parts: dict[str, float] = {}
    before: shapely.Geometry = shapely.Polygon()
    for status in STATUSES:
        ground = shapely.union_all(covered[statuses == status])
        parts[status] = float(shapely.area(shapely.difference(ground, before)))
        before = shapely.union(before, ground)
    return parts

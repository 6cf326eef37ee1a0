"""Answers from the map: what overlaps what, and what is near."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lindero.app.answers import coverage_text
from lindero.app.answers.pair_filter import EVERY, Wanted
from lindero.app.answers.reach import Reach, reach_between
from lindero.app.answers.row_selection import Side, one_register, one_series
from lindero.app.overlays import edge_cache
from lindero.app.overlays.prepared_cache import ground_of
from lindero.app.text.i18n import _, number
from lindero.geo import Totals, overlap, totals
from lindero.geo.near.window import window
from lindero.geo.overlay.apportion import Apportioned, apportion
from lindero.geo.overlay.least_overlap import MIN_HA
from lindero.layers.database import map_database, record_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS, LAYERS, OVERLAP_PAIRS

ABOUT = (
    "name",
    "holder",
    "title",
    "kind",
    "type",
    "status",
    "people",
    "designation",
    "zone",
    "location_precision",
    "source_id",
    "snapshot_on",
)


@dataclass(frozen=True)
class OverlapReport:
    """The pairs of two layers, named, and their totals."""

    pairs: pd.DataFrame
    totals: Totals
    accuracy_assumed: int  # features whose boundary accuracy nobody stated
    coverage: tuple[Reach, Reach]  # how far left is covered on the right features, and right on the left ones
    apportioned: Apportioned | None = None  # a column shared out, if one was asked for

    def head(self) -> dict[str, object]:
        """Give the totals as JSON holds them."""
        head: dict[str, object] = {
            "pairs": self.totals.pairs,
            "left_features": self.totals.left_features,
            "right_features": self.totals.right_features,
            "gross_ha": round(self.totals.gross_ha, 4),
            "footprint_ha": round(self.totals.footprint_ha, 4),
            **{name: round(value, 4) for name, value in self._range().items()},
            "features_of_assumed_accuracy": self.accuracy_assumed,
            "coverage": [one.as_dict() for one in self.coverage],
        }
        if self.apportioned is not None:
            head["apportioned"] = {
                "column": self.apportioned.column,
                "total": round(self.apportioned.total, 4),
                "inside": round(self.apportioned.inside, 4),
                "outside": round(self.apportioned.outside, 4),
                "not_stated": self.apportioned.not_stated,
                "by_right": self.apportioned.by_right.to_dict("records"),
            }
        return head

    def _range(self) -> dict[str, float]:
        told = {"certain_ha": self.totals.certain_ha, "possible_ha": self.totals.possible_ha}
        return {name: value for name, value in told.items() if value is not None}

    def said(self) -> str:
        """Give the totals in sentences."""
        beyond = map(coverage_text.reach, self.coverage)
        return " ".join(filter(None, (self._of_ground(), self._of_column(), *beyond)))

    def _of_column(self) -> str:
        if self.apportioned is None:
            return ""
        text = _(
            "Of a total {column} of {total}, {inside} lie inside by share of area (counted once), {outside} outside."
        )
        return text.format(
            column=self.apportioned.column,
            total=number(self.apportioned.total, decimals=1),
            inside=number(self.apportioned.inside, decimals=1),
            outside=number(self.apportioned.outside, decimals=1),
        )

    def _of_ground(self) -> str:
        if not self.totals.pairs:
            return coverage_text.no_overlap(self.coverage)
        text = _(
            "{pairs} pairs of {left} and {right} features: gross {gross} ha (pairs added up), footprint {footprint} ha "
            "(ground counted once)."
        )
        told = text.format(
            pairs=number(self.totals.pairs),
            left=number(self.totals.left_features),
            right=number(self.totals.right_features),
            gross=number(self.totals.gross_ha, decimals=1),
            footprint=number(self.totals.footprint_ha, decimals=1),
        )
        return " ".join(filter(None, (told, ranged(self.totals))))


def ranged(sums: Totals) -> str:
    """Say between which bounds a footprint lies; nothing if that was not measured."""
    if sums.certain_ha is None or sums.possible_ha is None:
        return ""
    text = _(
        "Of that ground {certain} ha are certain, with all boundaries drawn in by their accuracies; with all drawn "
        "out, it is {possible} ha."
    )
    return text.format(certain=number(sums.certain_ha, decimals=1), possible=number(sums.possible_ha, decimals=1))


def overlap_report(
    con: map_database.Connection,
    left: Side,
    right: Side,
    *,
    min_ha: float = MIN_HA,
    grown: bool = False,
    with_geometry: bool = False,
    column: str = "",
    wanted: Wanted = EVERY,
    asked: bool = False,
) -> OverlapReport:
    """
    Lay two layers over each other; pairs are those of the build where it holds them, of these those that are `wanted`.

    With `column`, a column of numbers of the left layer is shared out over the pairs (`geo.overlay.apportion`). With
    `asked`, two registers of the same things are not added up, but asked about.
    """
    if wrong := [side.layer.name for side in (left, right) if "area_ha" not in side.layer.names]:
        raise AnswerError(N_("{layer} has no polygons to lay over others"), layer=wrong[0])
    frames = left.read(con), right.read(con)
    if lacking := [side.layer.name for side, frame in zip((left, right), frames, strict=True) if frame.empty]:
        raise AnswerError(N_("this map has no data of {layer}: nothing can be said of it"), layer=lacking[0])
    if asked:
        for side, frame in zip((left, right), frames, strict=True):
            one_register(side, frame)
    if column:
        one_series(frames[0], column)
    sides = [ground_of(con, side.layer.name, frame) for side, frame in zip((left, right), frames, strict=True)]
    kept = (left.layer.name, right.layer.name) in OVERLAP_PAIRS
    if with_geometry or grown or min_ha < MIN_HA or not kept:
        pairs = overlap(*sides, min_ha=min_ha, grown=grown, with_geometry=with_geometry, with_range=True)
    else:
        pairs = map_database.read_overlaps(con, left.layer.name, right.layer.name, every_snapshot=True)
        for name, frame in zip(("left_", "right_"), frames, strict=True):
            pairs = pairs[versions(pairs, name).isin(versions(frame))]
            pairs = pairs.drop(columns=[f"{name}layer", f"{name}snapshot_on"])
        pairs = pairs[pairs["area_ha"] >= min_ha].reset_index(drop=True)
    if left.layer is right.layer:
        pairs = _once(pairs, *frames)
    pairs = wanted.of(_named(pairs, *frames))
    sums = totals(pairs, *sides, with_range=True)
    unknown = sum(int(frame["boundary_accuracy_m"].isna().sum()) for frame in frames)
    shared = apportion(pairs, *frames, column=column) if column else None
    covered = reach_between(con, (left, right), frames)
    return OverlapReport(pairs if shared is None else shared.pairs, sums, unknown, covered, shared)


def nearby(
    con: map_database.Connection,
    *,
    lat: float,
    lon: float,
    within_km: float,
    layers: Sequence[Layer],
    about: Sequence[str] = ABOUT,
) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first, over several layers.

    `about` are the columns to say of each; what a layer does not have stays empty.

    Returns
    -------
    DataFrame
        `layer`, `id`, `name` and what else is known, `distance_m`, `bearing`, `direction`: these three are missing of
        an incident whose point stands for a district or another area.
    """
    columns = ["layer", "distance_m", "direction", "bearing", "id", *about]
    if wrong := [layer.name for layer in layers if not layer.has_geometry]:
        raise AnswerError(N_("{layer} has no place on the map to be near to"), layer=wrong[0])
    found = _of_events(con, edge_cache.near_on(con, layers, lat=lat, lon=lon, within_km=within_km))
    found = found.drop(columns="snapshot_on")
    told = _told(con, found, window(lon, lat, within_km), about)
    return map_database.with_stated_days(con, pd.concat([found, told], axis=1).reindex(columns=columns))


def _of_events(con: map_database.Connection, found: pd.DataFrame) -> pd.DataFrame:
    """Leave out incidents that are told under another's id, and the distance to a point that stands for an area."""
    is_incident = found["layer"] == INCIDENTS.name
    if not is_incident.any():
        return found
    ids = list(found.loc[is_incident, "id"])
    is_coarse = is_incident & found["id"].isin(record_queries.coarse_points_among(con, ids))
    found = found.assign(**{name: found[name].mask(is_coarse) for name in ("distance_m", "bearing", "direction")})
    kept = ~is_incident | found["id"].isin(record_queries.events_among(con, ids))
    return found[kept].sort_values("distance_m", kind="stable", ignore_index=True)


def _told(
    con: map_database.Connection, found: pd.DataFrame, bounds: map_database.Bounds, about: Sequence[str]
) -> pd.DataFrame:
    """Read what is known of what was found, row for row."""
    tables, at = [], []
    for name, ids in found.groupby("layer")["id"]:
        layer = LAYERS[str(name)]
        known = map_database.read_columns(
            con, layer, ["id", *(each for each in about if each in layer.names)], bounds=bounds
        )
        tables.append(known.take(pc.index_in(pa.array(ids, known["id"].type), known["id"])))
        at.append(ids.index.to_numpy())
    if not tables:
        return pd.DataFrame(index=found.index)
    every = pa.concat_tables(tables, promote_options="default").take(np.argsort(np.concatenate(at)))
    told: pd.DataFrame = every.drop_columns("id").to_pandas()
    return told


def _once(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Leave out, of a layer over itself, what is laid over itself, and of each pair that stands both ways one."""
    ours, theirs = (
        pairs[f"{side}_id"].map(versions(frame).set_axis(frame["id"]))
        for side, frame in (("left", left), ("right", right))
    )
    both_ways = pd.MultiIndex.from_arrays([ours, theirs]).isin(pd.MultiIndex.from_arrays([theirs, ours]))
    return pairs[(ours < theirs) | ((ours > theirs) & ~both_ways)].reset_index(drop=True)


def _named(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put the names of both sides, and who holds them, beside their ids."""
    named = pairs.copy()
    for side, frame in (("left", left), ("right", right)):
        by_id = frame.set_index("id", drop=False)
        told = {"name": by_id["name" if "name" in frame else "id"]}
        told |= {"holder": by_id["holder"]} if "holder" in frame else {}
        for at, (label, values) in enumerate(told.items(), list(named.columns).index(f"{side}_id") + 1):
            named.insert(at, f"{side}_{label}", named[f"{side}_id"].map(values))
    return named

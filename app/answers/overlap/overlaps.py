"""Answers from the map: what overlaps what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lindero import on_demand
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.reach import Reach, reach_between
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.overlap.pair_filter import EVERY, PairFilter, hold_named
from lindero.app.answers.overlap.row_selection import Side, one_series
from lindero.app.answers.registers import one_level, one_register
from lindero.app.overlays.prepared_cache import ground_of, totals_of
from lindero.app.text.i18n import _, number
from lindero.geo import Totals, overlap, totals
from lindero.geo.overlay.apportion import Apportioned, apportion
from lindero.geo.overlay.least_overlap import MIN_HA
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import OVERLAP_PAIRS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
else:
    gpd = on_demand("geopandas")
    pd = on_demand("pandas")

from lindero.app.output.files import records
from lindero.app.record.incidents import well_placed
from lindero.app.text.i18n import ngettext
from lindero.geo.near.points_inside import is_point, points_inside
from lindero.layers.model.schema import INCIDENTS


@dataclass(frozen=True)
class OverlapReport:
    """The pairs of two layers, named, and their totals."""

    pairs: pd.DataFrame
    totals: Totals
    accuracy_assumed: int  # features whose boundary accuracy nobody stated
    coverage: tuple[Reach, Reach]  # how far left is covered on the right features, and right on the left ones
    apportioned: Apportioned | None = None  # a column shared out, if one was asked for
    points: KnownPoints | None = None  # what is known by a point alone, if that was looked at
    refused: Sequence[refused_sides.Row] = ()  # of the sides, which no figure holds

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
            "refused": refused_sides.head(self.refused),
        }
        if self.points is not None:
            head |= self.points.head()
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
        hectares = {"certain_ha": self.totals.certain_ha, "possible_ha": self.totals.possible_ha}
        return {name: value for name, value in hectares.items() if value is not None}

    def sentence(self) -> str:
        """Give the totals in sentences."""
        beyond = map(coverage_text.reach, self.coverage)
        points = "" if self.points is None else self.points.sentence()
        missing = refused_sides.refused_text(self.refused)
        return " ".join(filter(None, (self._of_ground(), points, self._of_column(), missing, *beyond)))

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
            return "" if self.points is not None and self.points.lying else coverage_text.no_overlap(self.coverage)
        text = _(
            "{pairs} pairs of {left} and {right} features: gross {gross} ha (pairs added up), footprint {footprint} ha "
            "(ground counted once)."
        )
        sentence = text.format(
            pairs=number(self.totals.pairs),
            left=number(self.totals.left_features),
            right=number(self.totals.right_features),
            gross=number(self.totals.gross_ha, decimals=1),
            footprint=number(self.totals.footprint_ha, decimals=1),
        )
        return " ".join(filter(None, (sentence, ranged(self.totals))))


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
    wanted: PairFilter = EVERY,
    asked: bool = False,
) -> OverlapReport:
    """
    Lay two layers over each other; pairs are those of the build where it holds them, of these those that are `wanted`.

    Points have no ground; what they lie in is told in `points`. With `column`, a column of numbers of the left layer is
    shared out over the pairs (`geo.overlay.apportion`). With `asked`, two registers of the same things are not added
    up, but asked about.
    """
    areal = ["area_ha" in side.layer.names for side in (left, right)]
    if wrong := [side.layer.name for side in (left, right) if not (side.layer.has_geometry and any(areal))]:
        raise AnswerError(N_("{layer} has no polygons to lay over others"), layer=wrong[0])
    frames = left.read(con), right.read(con)
    if lacking := [side.layer.name for side, frame in zip((left, right), frames, strict=True) if frame.empty]:
        raise AnswerError(N_("this map has no data of {layer}: nothing can be said of it"), layer=lacking[0])
    if asked:
        for side, frame in zip((left, right), frames, strict=True):
            one_level(side.layer, frame)
            one_register(side.layer, frame)
        hold_named(wanted.contains, frames)
    if column:
        one_series(frames[0], column)
    names = left.layer.name, right.layer.name
    sides = cache(lambda: [ground_of(con, *side) for side in zip(names, frames, strict=True)])
    if is_measured := with_geometry or grown or min_ha < MIN_HA or names not in OVERLAP_PAIRS:
        pairs = overlap(*sides(), min_ha=min_ha, grown=grown, with_geometry=with_geometry, with_range=True)
    else:
        pairs = map_database.read_overlaps(con, *names, every_snapshot=True)
        for name, frame in zip(("left_", "right_"), frames, strict=True):
            pairs = pairs[versions(pairs, name).isin(versions(frame))]
            pairs = pairs.drop(columns=[f"{name}layer", f"{name}snapshot_on"])
        pairs = pairs[pairs["area_ha"] >= min_ha].reset_index(drop=True)
    if left.layer is right.layer:
        pairs = _once(pairs, *frames)
    pairs = wanted.of(_named(pairs, *frames))
    is_whole = left.is_whole and right.is_whole and not is_measured
    sums = (totals_of(con, *names, pairs) if is_whole else None) or totals(pairs, *sides(), with_range=True)
    unknown = sum(int(frame["boundary_accuracy_m"].isna().sum()) for frame in frames if "boundary_accuracy_m" in frame)
    shared = apportion(pairs, *frames, column=column) if column else None
    covered = reach_between(con, (left, right), frames)
    points = KnownPoints.of((left, right), frames)
    refused = refused_sides.of_sides(con, (left, right), frames)
    return OverlapReport(pairs if shared is None else shared.pairs, sums, unknown, covered, shared, points, refused)


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
        columns = {"name": by_id["name" if "name" in frame else "id"]}
        columns |= {"holder": by_id["holder"]} if "holder" in frame else {}
        for at, (label, values) in enumerate(columns.items(), list(named.columns).index(f"{side}_id") + 1):
            named.insert(at, f"{side}_{label}", named[f"{side}_id"].map(values))
    return named


# What is known by a point alone beside layers that are laid over each other: where it stands, and no hectares.


@dataclass(frozen=True)
class KnownPoints:
    """Features of two sides that are known by a point, and the polygons of the other side that they lie in."""

    pairs: pd.DataFrame  # `left_id`, `left_name`, `right_id`, `right_name`, `point`
    features: int  # known by a point
    lying: int  # of these in any polygon of the other side
    left_out: int  # incidents whose point stands for a district or another area

    @classmethod
    def of(cls, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> KnownPoints:
        """Look at the rows of two sides."""
        kept = [
            well_placed(frame) if side.layer is INCIDENTS else frame for side, frame in zip(sides, frames, strict=True)
        ]
        pairs = points_inside(*kept)
        for name, frame in zip(("left", "right"), kept, strict=True):
            label = next((each for each in ("name", "title") if each in frame), "id")
            names = frame.set_index("id", drop=False)[label]
            pairs.insert(list(pairs.columns).index(f"{name}_id") + 1, f"{name}_name", pairs[f"{name}_id"].map(names))
        lying = sum(int(pairs.loc[pairs["point"] == name, f"{name}_id"].nunique()) for name in ("left", "right"))
        features = sum(int(is_point(frame).sum()) for frame in kept)
        left_out = sum(len(frame) - len(some) for frame, some in zip(frames, kept, strict=True))
        return cls(pairs, features, lying, left_out)

    def head(self) -> dict[str, object]:
        """Give what JSON holds of it; nothing where nothing is known by a point."""
        if not (self.features or self.left_out):
            return {}
        numbers = {"features": self.features, "inside": self.lying, "known_too_coarsely": self.left_out}
        return {"points": {**numbers, "pairs": records(self.pairs)}}

    def sentence(self) -> str:
        """Say where they lie, and what a point cannot say."""
        return " ".join(filter(None, (self._where(), self._coarse())))

    def _where(self) -> str:
        if not self.features:
            return ""
        text = ngettext(
            "{n} feature is known by a point alone; {lying} of them lies in a polygon of the other layer. A point "
            "tells where something is, not how far its land reaches: it has no hectares, and its land may lie in more.",
            "{n} features are known by a point alone; {lying} of them lie in polygons of the other layer. A point "
            "tells where something is, not how far its land reaches: it has no hectares, and its land may lie in more.",
            self.features,
        )
        return text.format(n=number(self.features), lying=number(self.lying))

    def _coarse(self) -> str:
        if not self.left_out:
            return ""
        text = ngettext(
            "{n} incident is left out: its place is not known well enough to say what it lies in.",
            "{n} incidents are left out: their places are not known well enough to say what they lie in.",
            self.left_out,
        )
        return text.format(n=number(self.left_out))

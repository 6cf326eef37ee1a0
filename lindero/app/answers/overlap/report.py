"""Report on the overlaps of two layers: pairs, totals, and what they leave out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.coverage.refused_text import refused_name
from lindero.app.answers.overlap.row_selection import Side, bounding_boxes
from lindero.app.answers.record.incidents import filter_known_places
from lindero.app.answers.registers import CountedRows
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.geo.near.points_inside import are_points, find_pairs
from lindero.geo.overlay.totals import Totals
from lindero.layers.database.map_database import Connection
from lindero.layers.model.parse_values import is_missing, is_null
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.workspace import refused_rows

if TYPE_CHECKING:
    from lindero.geo.overlay.apportion import Apportionment

Refused = Mapping[Any, Any]
_REFUSED_COLUMNS = ("layer", "source_id", "row_number", "name", "code", "area_official_ha", "reason")
_MOST_NAMED = 5


@dataclass(frozen=True)
class Overlaps:
    """The pairs of two layers, the counted rows of each layer, and the rows that are in no figure."""

    layers: tuple[str, str]
    pairs: pd.DataFrame  # as returned by `layers.database.queries.derived_queries.read_overlap_pairs`
    coverage: tuple[Reach, Reach]  # of the left layer on the right features, and of the right layer on the left ones
    counted_rows: tuple[
        CountedRows, CountedRows
    ]  # of two registers of the same features only the larger one, if that was requested
    refused: Sequence[Refused]  # rows of both sides
    repeated: tuple[frozenset[str], frozenset[str]]  # ids of rows that repeat the ground of another row, left and right

    def count_repeats(self, pairs: pd.DataFrame) -> Repeats:
        """Count the rows in some of the pairs that repeat the area of another row."""
        ids = zip(pairs["left_id"], pairs["right_id"], strict=True)
        return Repeats.count(self.layers, ids, pairs["area_ha"].to_numpy(dtype=float), self.repeated)

    def list_omissions(self) -> list[str]:
        """Return lines on the rows that are left out, and why."""
        lines = [line for side in self.counted_rows for line in side.sentences()]
        return [*lines, *filter(None, (refused_text(self.refused),))]

    def doubts(self) -> list[str]:
        """Return lines on the rows that are left out, and on the coverage of each layer on the other."""
        return [*self.list_omissions(), *filter(None, map(coverage_text.reach_text, self.coverage))]

    def options(self) -> list[str]:
        """Return the options of `lindero overlaps` that leave out the same rows."""
        sides = zip(("left", "right"), self.counted_rows, strict=True)
        return [
            part
            for side, counted_rows in sides
            for test in counted_rows.to_conditions()
            for part in (f"--{side}-where", test.text)
        ]


@dataclass(frozen=True)
class OverlapReport(Overlaps):
    """The pairs of two layers, with names, and their totals."""

    totals: Totals
    accuracy_assumed: int  # features without a stated boundary accuracy
    points: KnownPoints
    repeats: Repeats
    apportioned: Apportionment | None = None  # a column apportioned by area, if one was requested
    read_batches: Callable[[], Iterator[pd.DataFrame]] | None = None  # reads `pairs` again, with their names

    def iter_rows(self) -> Iterator[pd.DataFrame]:
        """Yield the pairs for a table, in batches with the same columns.

        Points inside polygons come last, without hectares; `point` is their side.
        """
        batches = iter([self.pairs]) if self.read_batches is None else self.read_batches()
        if not self.points.pairs:
            yield from batches
            return
        inside = pd.DataFrame(self.points.pairs)
        columns: list[str] = []
        for batch in batches:
            columns = list(dict.fromkeys([*batch.columns, *inside.columns]))
            if len(batch):
                yield batch.assign(point=pd.Series(None, index=batch.index, dtype=inside["point"].dtype))
        yield inside.reindex(columns=columns)

    def head(self) -> dict[str, object]:
        """Return the totals for JSON."""
        head: dict[str, object] = {
            "pairs": self.totals.pairs,
            "left_features": self.totals.left_features,
            "right_features": self.totals.right_features,
            "gross_ha": round(self.totals.gross_ha, 4),
            "footprint_ha": round(self.totals.footprint_ha, 4),
            **{name: round(value, 4) for name, value in self._range_ha().items()},
            "features_of_assumed_accuracy": self.accuracy_assumed,
            "coverage": [reach.to_dict() for reach in self.coverage],
            "refused": [{name: row[name] for name in _REFUSED_COLUMNS} for row in self.refused],
            "repeated_ground": self.repeats.head(),
            **self.points.head(),
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

    def _range_ha(self) -> dict[str, float]:
        hectares = {"certain_ha": self.totals.certain_ha, "possible_ha": self.totals.possible_ha}
        return {name: value for name, value in hectares.items() if value is not None}

    def list_notes(self) -> list[str]:
        """Return texts to be read with the totals: repeated rows, points, and the apportioned column."""
        return [self.repeats.sentence(), self.points.sentence(), self._column_text()]

    def _column_text(self) -> str:
        if self.apportioned is None:
            return ""
        text = _(
            "Total {column}: {total}. By share of area, each area counted once, {inside} are inside and "
            "{outside} outside."
        )
        return text.format(
            column=self.apportioned.column,
            total=format_number(self.apportioned.total, decimals=1),
            inside=format_number(self.apportioned.inside, decimals=1),
            outside=format_number(self.apportioned.outside, decimals=1),
        )


def footprint_range_text(sums: Totals) -> str:
    """Return a sentence with the range of a footprint; empty if the range was not measured."""
    if sums.certain_ha is None or sums.possible_ha is None:
        return ""
    text = _(
        "The boundaries are not exact: by their accuracy, the overlap is at least {certain} ha and at "
        "most {possible} ha."
    )
    return text.format(
        certain=format_number(sums.certain_ha, decimals=1), possible=format_number(sums.possible_ha, decimals=1)
    )


# Features known only by a point, in an overlay: the polygons that contain them, without hectares.


@dataclass(frozen=True)
class KnownPoints:
    """Features of two sides that are known by a point, and the polygons of the other side that contain them."""

    pairs: list[dict[str, Any]]  # `left_id`, `left_name`, `right_id`, `right_name`, `point` (which of the two it is)
    features: int  # features known by a point
    inside_count: int  # those of `features` that are in a polygon of the other side
    left_out: int  # incidents with a point that represents a district or another area

    @classmethod
    def from_frames(cls, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> KnownPoints:
        """Find the points of each side inside polygons of the other.

        Incidents are used only if their place is known.
        """
        left, right = placed_frames = [
            filter_known_places(frame) if side.layer is INCIDENTS else frame
            for side, frame in zip(sides, frames, strict=True)
        ]
        ids, names = (
            [frame["id"].tolist() for frame in placed_frames],
            [_feature_names(frame) for frame in placed_frames],
        )
        pairs = [
            {
                "left_id": ids[0][left_index],
                "left_name": names[0][left_index],
                "right_id": ids[1][right_index],
                "right_name": names[1][right_index],
                "point": side,
            }
            for side, matches in find_pairs(left.geometry.to_numpy(), right.geometry.to_numpy()).items()
            for left_index, right_index in zip(*matches, strict=True)
        ]
        lying = {(row["point"], row[f"{row['point']}_id"]) for row in pairs}
        features = sum(int(are_points(frame.geometry.to_numpy()).sum()) for frame in placed_frames)
        in_order = sorted(pairs, key=lambda row: (row["left_id"], row["right_id"]))
        return cls(in_order, features, len(lying), sum(map(len, frames)) - sum(map(len, placed_frames)))

    def head(self) -> dict[str, object]:
        """Return the values for JSON; empty if no feature is known by a point and none is left out."""
        if not (self.features or self.left_out):
            return {}
        numbers = {"features": self.features, "inside": self.inside_count, "known_too_coarsely": self.left_out}
        return {"points": {**numbers, "pairs": self.pairs}}

    def sentence(self) -> str:
        """Return sentences on where the points are, and on the limits of a point."""
        return " ".join(filter(None, (self._location_text(), self._left_out_text())))

    def _location_text(self) -> str:
        if not self.features:
            return ""
        text = ngettext(
            "{n} feature is recorded only as a point. Points inside polygons of the other layer: "
            "{lying}. A point shows where a feature is, not how far its land reaches: it has no "
            "hectares, and its land may overlap more polygons.",
            "{n} features are recorded only as points. Points inside polygons of the other layer: "
            "{lying}. A point shows where a feature is, not how far its land reaches: it has no "
            "hectares, and its land may overlap more polygons.",
            self.features,
        )
        return text.format(n=format_number(self.features), lying=format_number(self.inside_count))

    def _left_out_text(self) -> str:
        if not self.left_out:
            return ""
        text = ngettext(
            "{n} incident is left out: its location is not precise enough to place it in a polygon.",
            "{n} incidents are left out: their locations are not precise enough to place them in a polygon.",
            self.left_out,
        )
        return text.format(n=format_number(self.left_out))


def mask_near_points(left: pd.DataFrame, right: pd.DataFrame) -> Sequence[pd.Series[bool]]:
    """Return a mask of the rows of each side that may be points, or that may contain a point of the other side.

    It is decided by `area_ha` and the bounding boxes, so the rows need no geometry.
    """
    frames = (left, right)
    boxes = [bounding_boxes(frame) for frame in frames]
    may_be_point = [frame["area_ha"].fillna(0).eq(0) & frame["xmin"].notna() for frame in frames]
    if not any(mask.any() for mask in may_be_point):
        return may_be_point
    masks = []
    for index, mask in enumerate(may_be_point):
        other_points = boxes[1 - index][may_be_point[1 - index].to_numpy()]
        _points, positions = shapely.STRtree(boxes[index]).query(other_points, predicate="intersects")
        masks.append(mask | np.isin(np.arange(len(mask)), positions))
    return masks


def _feature_names(frame: gpd.GeoDataFrame) -> list[str | None]:
    label = next((name for name in ("name", "title") if name in frame), "id")
    return [None if is_null(name) else name for name in frame[label]]


# The refused rows of two layers, by name. They are in no figure of these layers.


def list_refused_rows(
    con: Connection, sides: Sequence[Side], sources_by_side: Sequence[Collection[str]]
) -> list[Refused]:
    """List the refused rows of the current snapshots that belong to some sides, the largest first.

    For a side with conditions, only sources with rows in it are used, and `current_sources` lists these side by side.
    It is not known whether a refused row meets the conditions.
    """
    sources = [source_ids if side.tests else None for side, source_ids in zip(sides, sources_by_side, strict=True)]
    side_sources = [(side, source_ids) for side, source_ids in zip(sides, sources, strict=True)]
    return [
        row
        for row in refused_rows.read_refused_values(con)
        if any(_belongs_to_side(row, *pair) for pair in side_sources)
    ]


def refused_text(rows: Sequence[Refused]) -> str:
    """Return a text on the refused rows by layer; empty if nothing was refused."""
    return " ".join(
        _refused_layer_text(layer, [row for row in rows if row["layer"] == layer])
        for layer in dict.fromkeys(row["layer"] for row in rows)
    )


def _refused_layer_text(layer: str, rows: Sequence[Refused]) -> str:
    text = ngettext(
        "{n} row of {kinds} was rejected and is not in these figures: {names}.",
        "{n} rows of {kinds} were rejected and are not in these figures: {names}.",
        len(rows),
    )
    names = [_refused_row_text(row) for row in rows[:_MOST_NAMED]]
    if (more := len(rows) - _MOST_NAMED) > 0:
        names.append(ngettext("{n} more", "{n} more", more).format(n=format_number(more)))
    return text.format(n=format_number(len(rows)), kinds=coverage_text.layer_noun(layer), names="; ".join(names))


def _refused_row_text(row: Refused) -> str:
    stated = "?" if is_missing(row["area_official_ha"]) else format_number(row["area_official_ha"])
    return _("{name}, {ha} ha stated").format(name=escape_markdown(refused_name(row)), ha=stated)


def _belongs_to_side(row: Refused, side: Side, sources: Collection[str] | None) -> bool:
    is_from_source = side.source_id in {"", row["source_id"]} and (sources is None or row["source_id"] in sources)
    return row["layer"] == side.layer.name and is_from_source and side.snapshot_on in {None, row["snapshot_on"]}

"""What is said of two layers that are laid over each other: the pairs, what they come to, and what they leave open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.registers import Counted
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.pipeline.rows.refused_text import refused_name
from lindero.app.record.incidents import well_placed
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.geo.near.points_inside import are_points, positions
from lindero.geo.overlay.totals import Totals
from lindero.layers.database.map_database import Connection
from lindero.layers.model.parse_values import is_missing, is_null
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.workspace import refused_rows

if TYPE_CHECKING:
    from lindero.geo.overlay.apportion import Apportioned

Refused = Mapping[Any, Any]
_OF_REFUSED = ("layer", "source_id", "row_number", "name", "code", "area_official_ha", "reason")
_MOST_NAMED = 5


@dataclass(frozen=True)
class Overlaps:
    """The pairs of two layers, what of each layer is counted, and what is in no figure."""

    layers: tuple[str, str]
    pairs: pd.DataFrame  # as `layers.database.queries.map_queries.pairs` gives them
    coverage: tuple[Reach, Reach]  # how far left is covered on the right features, and right on the left ones
    counted: tuple[Counted, Counted]  # of two registers of the same things the larger one, if that was asked for
    refused: Sequence[Refused]  # rows of both sides
    repeated: tuple[frozenset[str], frozenset[str]]  # ids of rows that repeat the ground of another row, left and right

    def count_repeats(self, pairs: pd.DataFrame) -> Repeats:
        """Count the repeating rows in some of the pairs."""
        ids = zip(pairs["left_id"], pairs["right_id"], strict=True)
        return Repeats.count(self.layers, ids, pairs["area_ha"].to_numpy(dtype=float), self.repeated)

    def left_out(self) -> list[str]:
        """Return what is left out, and why."""
        lines = [line for side in self.counted for line in side.sentences()]
        return [*lines, *filter(None, (refused_text(self.refused),))]

    def doubts(self) -> list[str]:
        """Return what is left out, and how far the map has data of each layer on the other."""
        return [*self.left_out(), *filter(None, map(coverage_text.reach, self.coverage))]

    def options(self) -> list[str]:
        """Return the options of `lindero overlaps` that leave out the same."""
        sides = zip(("left", "right"), self.counted, strict=True)
        return [part for side, one in sides for test in one.tests() for part in (f"--{side}-where", test.typed)]


@dataclass(frozen=True)
class OverlapReport(Overlaps):
    """The pairs of two layers, named, and their totals."""

    totals: Totals
    accuracy_assumed: int  # features whose boundary accuracy nobody stated
    points: KnownPoints
    repeats: Repeats
    apportioned: Apportioned | None = None  # a column shared out, if one was asked for

    def rows(self) -> pd.DataFrame:
        """Return the pairs for a table. Points inside polygons come last, without hectares; `point` says which side."""
        if not self.points.pairs:
            return self.pairs
        inside = pd.DataFrame(self.points.pairs)
        if self.pairs.empty:
            return inside.reindex(columns=list(dict.fromkeys([*self.pairs.columns, *inside.columns])))
        return pd.concat([self.pairs, inside], ignore_index=True)

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
            "refused": [{name: row[name] for name in _OF_REFUSED} for row in self.refused],
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

    def _range(self) -> dict[str, float]:
        hectares = {"certain_ha": self.totals.certain_ha, "possible_ha": self.totals.possible_ha}
        return {name: value for name, value in hectares.items() if value is not None}

    def besides(self) -> list[str]:
        """Return what has to be read with the totals: repeated ground, points, and the column shared out."""
        return [self.repeats.sentence(), self.points.sentence(), self._of_column()]

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


def ranged(sums: Totals) -> str:
    """Say between which bounds a footprint lies; nothing if that was not measured."""
    if sums.certain_ha is None or sums.possible_ha is None:
        return ""
    text = _(
        "Of that ground {certain} ha are certain, with all boundaries drawn in by their accuracies; with all drawn "
        "out, it is {possible} ha."
    )
    return text.format(certain=number(sums.certain_ha, decimals=1), possible=number(sums.possible_ha, decimals=1))


# What is known by a point alone beside layers that are laid over each other: where it is, and no hectares.


@dataclass(frozen=True)
class KnownPoints:
    """Features of two sides that are known by a point, and the polygons of the other side that they lie in."""

    pairs: list[dict[str, Any]]  # `left_id`, `left_name`, `right_id`, `right_name`, `point` (which of the two it is)
    features: int  # known by a point
    lying: int  # of these in any polygon of the other side
    left_out: int  # incidents whose point stands for a district or another area

    @classmethod
    def of(cls, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> KnownPoints:
        """Find the points of two sides that are in polygons of the other; incidents only where their place is known."""
        left, right = kept = [
            well_placed(frame) if side.layer is INCIDENTS else frame for side, frame in zip(sides, frames, strict=True)
        ]
        ids, names = [frame["id"].tolist() for frame in kept], [_names(frame) for frame in kept]
        pairs = [
            {
                "left_id": ids[0][at],
                "left_name": names[0][at],
                "right_id": ids[1][to],
                "right_name": names[1][to],
                "point": side,
            }
            for side, found in positions(left.geometry.to_numpy(), right.geometry.to_numpy()).items()
            for at, to in zip(*found, strict=True)
        ]
        lying = {(row["point"], row[f"{row['point']}_id"]) for row in pairs}
        features = sum(int(are_points(frame.geometry.to_numpy()).sum()) for frame in kept)
        in_order = sorted(pairs, key=lambda row: (row["left_id"], row["right_id"]))
        return cls(in_order, features, len(lying), sum(map(len, frames)) - sum(map(len, kept)))

    def head(self) -> dict[str, object]:
        """Give what JSON holds of it; nothing where nothing is known by a point."""
        if not (self.features or self.left_out):
            return {}
        numbers = {"features": self.features, "inside": self.lying, "known_too_coarsely": self.left_out}
        return {"points": {**numbers, "pairs": self.pairs}}

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


def _names(frame: gpd.GeoDataFrame) -> list[str | None]:
    label = next((name for name in ("name", "title") if name in frame), "id")
    return [None if is_null(name) else name for name in frame[label]]


# What was refused of two layers, and so is in no figure of them, by name.


def refused_of_sides(con: Connection, sides: Sequence[Side], sources_of: Sequence[Collection[str]]) -> list[Refused]:
    """
    List the refused rows of the current snapshots that some sides are about, the largest first.

    Of a side with conditions those of sources of which it holds rows, which `sources_of` names side by side: it is not
    known whether a refused row meets them.
    """
    sources = [some if side.tests else None for side, some in zip(sides, sources_of, strict=True)]
    every = [(side, some) for side, some in zip(sides, sources, strict=True)]
    return [row for row in refused_rows.read_values(con) if any(_is_of(row, *one) for one in every)]


def refused_text(rows: Sequence[Refused]) -> str:
    """Return by layer what is missing; empty if nothing was refused."""
    return " ".join(
        _of_layer(layer, [row for row in rows if row["layer"] == layer])
        for layer in dict.fromkeys(row["layer"] for row in rows)
    )


def _of_layer(layer: str, rows: Sequence[Refused]) -> str:
    text = ngettext(
        "{n} row of {kinds} was refused and is in no figure here: {names}.",
        "{n} rows of {kinds} were refused and are in no figure here: {names}.",
        len(rows),
    )
    names = [_refused_name(row) for row in rows[:_MOST_NAMED]]
    if (more := len(rows) - _MOST_NAMED) > 0:
        names.append(ngettext("{n} more", "{n} more", more).format(n=number(more)))
    return text.format(n=number(len(rows)), kinds=coverage_text.kinds(layer), names="; ".join(names))


def _refused_name(row: Refused) -> str:
    stated = "?" if is_missing(row["area_official_ha"]) else number(row["area_official_ha"])
    return _("{name}, {ha} ha stated").format(name=plain(refused_name(row)), ha=stated)


def _is_of(row: Refused, side: Side, sources: Collection[str] | None) -> bool:
    is_meant = side.source_id in {"", row["source_id"]} and (sources is None or row["source_id"] in sources)
    return row["layer"] == side.layer.name and is_meant and side.snapshot_on in {None, row["snapshot_on"]}

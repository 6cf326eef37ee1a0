"""What is said of two layers that are laid over each other: the pairs, what they come to, and what they leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.repeated_ground import Repeats
from lindero.app.text.i18n import _, ngettext, number
from lindero.geo.geometry.projection import Geometries
from lindero.geo.near.points_inside import are_points, positions
from lindero.geo.overlay.totals import Totals

if TYPE_CHECKING:
    import pandas as pd

    from lindero.geo.overlay.apportion import Apportioned

Row = dict[str, Any]


@dataclass(frozen=True)
class OverlapReport:
    """The pairs of two layers, named, and their totals."""

    told: pd.DataFrame | Sequence[Row]  # the pairs: a frame, or rows where a build has stored all that are asked for
    totals: Totals
    accuracy_assumed: int  # features whose boundary accuracy nobody stated
    coverage: tuple[Reach, Reach]  # how far left is covered on the right features, and right on the left ones
    apportioned: Apportioned | None = None  # a column shared out, if one was asked for
    points: KnownPoints | None = None  # what is known by a point alone, if that was looked at
    refused: Sequence[refused_sides.Row] = ()  # of the sides, which no figure holds
    repeats: Repeats | None = None  # rows that cover the ground of another row

    @property
    def pairs(self) -> pd.DataFrame:
        """The pairs as a frame, largest first."""
        import pandas as pd

        return pd.DataFrame(list(self.told)) if isinstance(self.told, Sequence) else self.told

    def rows(self) -> pd.DataFrame | Sequence[Row]:
        """Return the pairs for a table. Points inside polygons come last, without hectares; `point` says which side."""
        if self.points is None or not self.points.pairs:
            return self.told
        import pandas as pd

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
            "refused": refused_sides.head(self.refused),
        }
        if self.repeats is not None:
            head["repeated_ground"] = self.repeats.head()
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
        repeats = "" if self.repeats is None else self.repeats.sentence()
        return " ".join(filter(None, (self._of_ground(), repeats, points, self._of_column(), missing, *beyond)))

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


# What is known by a point alone beside layers that are laid over each other: where it stands, and no hectares.


class Features(NamedTuple):
    """The rows of a side: `names` are None where nobody gave one, `shapes` in degrees."""

    ids: Sequence[str]
    names: Sequence[str | None]
    shapes: Geometries


@dataclass(frozen=True)
class KnownPoints:
    """Features of two sides that are known by a point, and the polygons of the other side that they lie in."""

    pairs: list[Row]  # `left_id`, `left_name`, `right_id`, `right_name`, `point` (which of the two it is)
    features: int  # known by a point
    lying: int  # of these in any polygon of the other side
    left_out: int  # incidents whose point stands for a district or another area

    @classmethod
    def of(cls, left: Features, right: Features, *, left_out: int = 0) -> KnownPoints:
        """Look at the features of two sides."""
        pairs = [
            {
                "left_id": left.ids[at],
                "left_name": left.names[at],
                "right_id": right.ids[to],
                "right_name": right.names[to],
                "point": side,
            }
            for side, found in positions(left.shapes, right.shapes).items()
            for at, to in zip(*found, strict=True)
        ]
        lying = {(row["point"], row[f"{row['point']}_id"]) for row in pairs}
        features = sum(int(are_points(side.shapes).sum()) for side in (left, right))
        in_order = sorted(pairs, key=lambda row: (row["left_id"], row["right_id"]))
        return cls(in_order, features, len(lying), left_out)

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

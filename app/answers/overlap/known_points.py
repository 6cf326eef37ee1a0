"""What is known by a point alone beside layers that are laid over each other: where it stands, and no hectares."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from lindero.app.answers.overlap.row_selection import Side
from lindero.app.output.files import records
from lindero.app.record.incidents import well_placed
from lindero.app.text.i18n import ngettext, number
from lindero.geo.near.points_inside import is_point, points_inside
from lindero.layers.model.schema import INCIDENTS


@dataclass(frozen=True)
class KnownPoints:
    """Features of two sides that are known by a point, and the polygons of the other side that they lie in."""

    pairs: pd.DataFrame  # `left_id`, `left_name`, `right_id`, `right_name`, `point`
    features: int  # known by a point
    lying: int  # of these in any polygon of the other side
    left_out: int  # incidents whose point stands for a district or another area

    @classmethod
    def of(cls, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> "KnownPoints":
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
        told = {"features": self.features, "inside": self.lying, "known_too_coarsely": self.left_out}
        return {"points": {**told, "pairs": records(self.pairs)}}

    def said(self) -> str:
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

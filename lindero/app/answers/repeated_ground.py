"""Rows that cover exactly the area of another row of their layer under another code: doubled concessions or lands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lindero.app.text.i18n import _, format_number, ngettext
from lindero.geo.geometry.projection import Floats, is_polygonal
from lindero.layers.check.same_ground import ground_prints
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def find_repeated_ids(layer: Layer, rows: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the ids of the rows with the same polygon as a row with a lesser id, which represents them.

    Points have no area, and incidents may share the area of their place. Neither is compared.
    """
    import pandas as pd

    if layer is INCIDENTS:
        return frozenset()
    ids, shapes = rows["id"].tolist(), rows.geometry.to_numpy()
    areal = np.flatnonzero(is_polygonal(shapes))
    areal = areal[pd.DataFrame(shapely.bounds(shapes[areal])).duplicated(keep=False)]  # equal polygons have equal boxes
    prints = ground_prints(shapes[areal])
    first: dict[bytes, str] = {}
    in_order = sorted((ids[position], ground) for position, ground in zip(areal.tolist(), prints, strict=True))
    return frozenset(id_ for id_, ground in in_order if first.setdefault(ground, id_) != id_)


def may_repeat(rows: pd.DataFrame) -> pd.Series[bool]:
    """Return a mask of the rows with the bounding box of another row. Only these can repeat its polygon."""
    return rows["xmin"].notna() & rows.duplicated(["xmin", "ymin", "xmax", "ymax"], keep=False)


def left_out_communities_text(count: int) -> str:
    """Return a sentence on communities left out because they repeat the land of another; empty if none is."""
    if not count:
        return ""
    text = ngettext(
        "{n} community with the same land as another community is left out.",
        "{n} communities with the same land as another community are left out.",
        count,
    )
    return text.format(n=format_number(count))


@dataclass(frozen=True)
class Repeats:
    """The rows in overlap pairs that repeat the area of another row, and the gross hectares with and without them."""

    rows: int
    gross_with_ha: float
    gross_without_ha: float
    left_out: bool  # whether the report is without these rows

    @classmethod
    def count(
        cls,
        layers: tuple[str, str],
        pairs: Iterable[tuple[str, str]],
        areas_ha: Floats,
        repeated: tuple[frozenset[str], frozenset[str]],
        *,
        left_out: bool = False,
    ) -> Repeats:
        """Count the repeating rows in pairs (`left_id`, `right_id`), and sum the pairs without any."""
        rows: set[tuple[str, str]] = set()
        is_unrepeated = np.ones(len(areas_ha), dtype=bool)
        if any(repeated):
            for position, pair in enumerate(pairs):
                repeating_rows = {
                    (layer, id_) for layer, id_, ids in zip(layers, pair, repeated, strict=True) if id_ in ids
                }
                rows |= repeating_rows
                is_unrepeated[position] = not repeating_rows
        return cls(len(rows), float(areas_ha.sum()), float(areas_ha[is_unrepeated].sum()), left_out)

    def head(self) -> dict[str, object]:
        """Return the values for JSON."""
        gross = {"gross_ha_with": round(self.gross_with_ha, 4), "gross_ha_without": round(self.gross_without_ha, 4)}
        return {"rows": self.rows, "left_out": self.left_out, **gross}

    def sentence(self) -> str:
        """Return a sentence with both gross figures; empty if no row repeats the area of another."""
        if not self.rows:
            return ""
        if self.left_out:
            text = ngettext(
                "{n} row with the same polygon as another row is left out. With it, the gross area is {gross} ha.",
                "{n} rows with the same polygon as another row are left out. With them, the gross area is {gross} ha.",
                self.rows,
            )
            return text.format(n=format_number(self.rows), gross=format_number(self.gross_with_ha, decimals=1))
        text = ngettext(
            "{n} row has the same polygon as another row. Without it, the gross area is {gross} ha.",
            "{n} rows have the same polygon as another row. Without them, the gross area is {gross} ha.",
            self.rows,
        )
        return text.format(n=format_number(self.rows), gross=format_number(self.gross_without_ha, decimals=1))


@dataclass(frozen=True)
class RepeatedRows:
    """The numbers of communities and concessions that repeat the area of another one, and whether they are left out."""

    communities: int = 0
    concessions: int = 0
    left_out: bool = False

    def sentence(self) -> str:
        """Return a sentence with both numbers; empty if both are 0."""
        if not (self.communities or self.concessions):
            return ""
        text = _(
            "Rows with the same polygon as another row: {concessions} of concessions, {communities} of "
            "communities. All are counted."
        )
        if self.left_out:
            text = _(
                "Rows with the same polygon as another row: {concessions} of concessions, {communities} "
                "of communities. They are left out."
            )
        return text.format(concessions=format_number(self.concessions), communities=format_number(self.communities))


NONE_REPEATED = RepeatedRows()

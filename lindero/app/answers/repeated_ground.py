"""Rows of one layer that cover exactly the ground of another row under another code: doubled concessions or lands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lindero.app.text.i18n import _, ngettext, number
from lindero.geo.geometry.projection import Floats, is_polygonal
from lindero.layers.check.same_ground import ground_prints
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd


def repeated_in(layer: Layer, rows: gpd.GeoDataFrame) -> frozenset[str]:
    """
    Return the ids of the rows whose polygon is that of a row with a lesser id, which stands for them.

    Points are no ground, and incidents may share the area that stands for their place: neither is compared.
    """
    if layer is INCIDENTS:
        return frozenset()
    ids, shapes = rows["id"].tolist(), rows.geometry.to_numpy()
    areal = np.flatnonzero(is_polygonal(shapes))
    prints = ground_prints(shapes[areal])
    first: dict[bytes, str] = {}
    in_order = sorted((ids[at], ground) for at, ground in zip(areal.tolist(), prints, strict=True))
    return frozenset(id_ for id_, ground in in_order if first.setdefault(ground, id_) != id_)


def left_out_communities(count: int) -> str:
    """State how many communities are left out because they repeat the ground of another one; empty if none is."""
    if not count:
        return ""
    text = ngettext(
        "{n} community that repeats the ground of another community is left out.",
        "{n} communities that repeat the ground of another community are left out.",
        count,
    )
    return text.format(n=number(count))


@dataclass(frozen=True)
class Repeats:
    """The rows in overlap pairs that repeat the ground of another row, and the gross hectares with and without them."""

    rows: int
    with_ha: float
    without_ha: float
    left_out: bool  # whether the pairs of the report are those without them

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
        """Count the repeating rows of pairs (`left_id`, `right_id`), and add up the pairs in which there is none."""
        rows: set[tuple[str, str]] = set()
        kept = np.ones(len(areas_ha), dtype=bool)
        if any(repeated):
            for at, pair in enumerate(pairs):
                found = {(layer, id_) for layer, id_, ids in zip(layers, pair, repeated, strict=True) if id_ in ids}
                rows |= found
                kept[at] = not found
        return cls(len(rows), float(areas_ha.sum()), float(areas_ha[kept].sum()), left_out)

    def head(self) -> dict[str, object]:
        """Return what JSON states of them."""
        gross = {"gross_ha_with": round(self.with_ha, 4), "gross_ha_without": round(self.without_ha, 4)}
        return {"rows": self.rows, "left_out": self.left_out, **gross}

    def sentence(self) -> str:
        """State both gross figures; empty if no row repeats the ground of another."""
        if not self.rows:
            return ""
        if self.left_out:
            text = ngettext(
                "{n} row that repeats the ground of another row is left out; with it, gross is {gross} ha.",
                "{n} rows that repeat the ground of another row are left out; with them, gross is {gross} ha.",
                self.rows,
            )
            return text.format(n=number(self.rows), gross=number(self.with_ha, decimals=1))
        text = ngettext(
            "{n} row repeats the ground of another row; without it, gross is {gross} ha.",
            "{n} rows repeat the ground of another row; without them, gross is {gross} ha.",
            self.rows,
        )
        return text.format(n=number(self.rows), gross=number(self.without_ha, decimals=1))


@dataclass(frozen=True)
class RepeatedRows:
    """How many communities and concessions repeat the ground of another one, and whether they are left out."""

    communities: int = 0
    concessions: int = 0
    left_out: bool = False

    def sentence(self) -> str:
        """State both numbers; empty if both are 0."""
        if not (self.communities or self.concessions):
            return ""
        text = _(
            "Repeating the ground of another row: {concessions} rows of concessions, {communities} of communities. "
            "Each is counted."
        )
        if self.left_out:
            text = _(
                "Repeating the ground of another row: {concessions} rows of concessions, {communities} of communities. "
                "They are left out."
            )
        return text.format(concessions=number(self.concessions), communities=number(self.communities))


NONE_REPEATED = RepeatedRows()

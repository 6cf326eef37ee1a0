"""The overlaps of pairs, drawn over the map by certainty."""

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from lindero.app.media.pages.maps.areas import Look
from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_number
from lindero.geo.overlay.certainty import GRADES

MAX_PAIRS = 300  # pairs, the largest first: a phone can draw this many


def overlap_looks() -> list[Look]:
    """Return the looks of overlaps by certainty."""
    certain, possible, sliver = GRADES
    return [
        Look(certain, _("Overlap, certain"), "#B34700", "crossed", 0.45),
        Look(possible, _("Overlap, possible"), "#B34700", "dotted", 0.15, 1.2, "4 3"),
        Look(sliver, _("Overlap, within the margin of error"), "#B34700", "plain", 0.1, 0.8, "1 3"),
    ]


def overlap_shapes(pairs: pd.DataFrame, intersect: Callable[[pd.DataFrame], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the overlaps of the largest pairs: `name`, `said`, `look`, `geometry`, `area_ha`.

    `pairs`: pairs of `app.answers.overlap.overlaps.find_overlaps`, the largest first.
    """
    shared = intersect(pairs.head(MAX_PAIRS))
    sides = (shared[f"{side}_name"].fillna(shared[f"{side}_id"]) for side in ("left", "right"))
    text = _("{ha} ha, {certainty}")
    texts = [
        text.format(ha=format_number(ha, decimals=1), certainty=translate_code(certainty))
        for ha, certainty in zip(shared["area_ha"], shared["certainty"], strict=True)
    ]
    attributes = {
        "name": [f"{left} – {right}" for left, right in zip(*sides, strict=True)],
        "said": texts,
        "look": shared["certainty"],
        "area_ha": shared["area_ha"],
    }
    return gpd.GeoDataFrame(attributes, geometry=shared.geometry, crs=shared.crs)

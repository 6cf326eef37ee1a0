"""The ground that pairs share, drawn over the map: the overlap itself, by how sure it is."""

from collections.abc import Callable

import geopandas as gpd
import pandas as pd

from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.app.ui.maps.areas import Look
from lindero.geo.overlay.certainty import GRADES

MOST = 300  # pairs: the largest; a phone has to draw them


def looks() -> list[Look]:
    """Give the looks of overlaps by how sure they are."""
    certain, possible, sliver = GRADES
    return [
        Look(certain, _("Overlap, certain"), "#B34700", "crossed", 0.45),
        Look(possible, _("Overlap, possible"), "#B34700", "dotted", 0.15, 1.2, "4 3"),
        Look(sliver, _("Overlap, sliver"), "#B34700", "plain", 0.1, 0.8, "1 3"),
    ]


def shapes(pairs: pd.DataFrame, drawn: Callable[[pd.DataFrame], gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """
    Draw what the largest pairs share: `name`, `said`, `look`, `geometry`, as `app.ui.maps.areas` takes them, `area_ha`.

    Parameters
    ----------
    pairs
        As `app.answers.overlap.overlaps.find_overlaps` gives them, largest first.
    drawn
        Gives the ground of some pairs, beside their columns.
    """
    shared = drawn(pairs.head(MOST))
    sides = (shared[f"{side}_name"].fillna(shared[f"{side}_id"]) for side in ("left", "right"))
    text = _("{ha} ha, {certainty}")
    said = [
        text.format(ha=number(ha, decimals=1), certainty=word(certainty))
        for ha, certainty in zip(shared["area_ha"], shared["certainty"], strict=True)
    ]
    told = {
        "name": [f"{left} – {right}" for left, right in zip(*sides, strict=True)],
        "said": said,
        "look": shared["certainty"],
        "area_ha": shared["area_ha"],
    }
    return gpd.GeoDataFrame(told, geometry=shared.geometry, crs=shared.crs)

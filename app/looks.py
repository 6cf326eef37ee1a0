"""How the areas of an answer look on its map: Okabe and Ito's colours, each with a hatching of its own."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from app import changes_in_words
from app.areas import Look
from app.changes import ChangeReport
from app.words import word

_LOOK_OF = {"holder_respelt": "holder", "renumbered": "holder"}  # small matters share a look


def changes() -> list[Look]:
    """Give the looks of what changed."""
    return [
        Look("gone", word("gone"), "#6b6b6b", "crossed"),
        Look("holder", word("holder"), "#8a7a00", "upright"),
        Look("status", word("status"), "#0072B2", "level"),
        Look("boundary", word("boundary"), "#CC79A7", "falling"),
        Look("new", word("new"), "#D55E00", "rising"),
    ]


def changed(report: ChangeReport, seen: npt.NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Draw the changes that are seen, the largest first: `name`, `said`, `look`, `geometry`."""
    rows = changes_in_words.table(report.rows[seen])
    told = rows.assign(
        name=rows["name"].fillna(rows["after_id"]).fillna(rows["before_id"]),
        said=[changes_in_words.line(row) for row in rows.to_dict("records")],
        look=report.rows["change"].replace(_LOOK_OF),
    )
    shapes = report.shapes.loc[seen, "geometry"]
    drawn = gpd.GeoDataFrame(
        told[["name", "said", "look"]].reset_index(drop=True), geometry=shapes.reset_index(drop=True)
    )
    return drawn.iloc[shapely.area(drawn.geometry.to_numpy()).argsort()[::-1]]

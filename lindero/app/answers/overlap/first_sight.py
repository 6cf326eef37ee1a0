"""What a map shows before anything is asked of it: concessions on communities' land, where most of them lie."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from lindero.app.answers.overlap import overlaps
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection
from lindero.layers.database.queries import map_queries

LEFT, RIGHT = "concessions", "communities"
MOST = 1_000  # overlaps drawn: a page that opens has to be there at once
SLIVER = "sliver"  # what is not sure to be more than how two boundaries were drawn
CELL_DEGREES = 1.0
WORST = 3  # communities that are named


@dataclass(frozen=True)
class FirstSight:
    """The largest overlaps as shapes, the window in which most of them lie, and how many there are."""

    shapes: gpd.GeoDataFrame
    bounds: Bounds | None
    concessions: int
    lands: int
    communities: int
    left_out: Sequence[str] = ()  # what tells the same again, in sentences
    worst: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The communities with most land under concession: `id`, `name`, `footprint_ha`, `share` of their land."""
    at_edges: int = 0  # concessions of which every overlap is a sliver

    def sentence(self) -> str:
        """Say in a sentence what is seen; nothing if there is no overlap."""
        if not self.concessions:
            return ""
        text = ngettext(
            "{n} concession on record lies on the land of {lands} of the {communities} communities of this map.",
            "{n} concessions on record lie on the land of {lands} of the {communities} communities of this map.",
            self.concessions,
        )
        return text.format(n=number(self.concessions), lands=number(self.lands), communities=number(self.communities))

    def not_counted(self) -> str:
        """Return the sentence on concessions that only touch a boundary; empty if there are none."""
        if not self.at_edges:
            return ""
        edges = ngettext(
            "Not counted: {n} concession that only touches a boundary, by less than its accuracy.",
            "Not counted: {n} concessions that only touch a boundary, by less than its accuracy.",
            self.at_edges,
        )
        return edges.format(n=number(self.at_edges))

    def largest(self) -> str:
        """Name the largest overlap; nothing if there is none."""
        if self.shapes.empty:
            return ""
        row = self.shapes.iloc[0]
        text = _("The largest: {concession} on {community}, {ha} ha.")
        names = {"concession": row["left_name"], "community": row["right_name"]}
        labels = {key: name if pd.notna(name) else _("without a name") for key, name in names.items()}
        return text.format(**labels, ha=number(row["area_ha"], decimals=0))


def first_sight(con: Connection) -> FirstSight:
    """Look at what lies on communities' land, slivers left out."""
    every, counted = overlaps.find_pairs(con, LEFT, RIGHT)
    pairs = every[every["certainty"] != SLIVER]
    shapes = overlaps.draw_pairs(con, LEFT, RIGHT, pairs.head(MOST)) if len(pairs) else gpd.GeoDataFrame(pairs)
    communities = map_queries.communities(con)
    return FirstSight(
        shapes,
        densest(shapes) if len(shapes) else None,
        int(pairs["left_id"].nunique()),
        int(pairs["right_id"].nunique()),
        len(communities) - len(counted[1].ids),
        [line for side in counted for line in side.sentences()],
        _worst(con, communities[~communities["id"].isin(counted[1].ids)]),
        int(every["left_id"].nunique() - pairs["left_id"].nunique()),
    )


def _worst(con: Connection, communities: pd.DataFrame) -> pd.DataFrame:
    """Return the communities with most hectares under concession, each hectare counted once."""
    if "footprints" not in map_database.tables(con):  # a map of an earlier version
        return pd.DataFrame()
    covered = map_database.read_footprints(con, RIGHT, covered_by=LEFT)
    named = communities[["id", "name"]].merge(covered, on="id")
    named = named[named["footprint_ha"] > 0].nlargest(WORST, "footprint_ha")
    return named[["id", "name", "footprint_ha", "share"]].reset_index(drop=True)


def densest(shapes: gpd.GeoDataFrame) -> Bounds:
    """
    Give the window around the shapes of the square degree that holds most hectares of them.

    Parameters
    ----------
    shapes
        Polygons in OGC:CRS84 with `area_ha`, the largest first; at least one.

    Returns
    -------
    Bounds
        West, south, east and north in degrees.
    """
    boxes = shapes.geometry.bounds
    rows, columns = ((boxes[f"min{axis}"] + boxes[f"max{axis}"]) // (2 * CELL_DEGREES) for axis in "yx")
    cell = shapes.groupby([rows, columns], sort=False).ngroup()
    most = shapes["area_ha"].groupby(cell).sum().idxmax()  # of two alike that of the larger shape, which comes first
    west, south, east, north = shapes[cell == most].total_bounds
    return float(west), float(south), float(east), float(north)

"""Overview of the map before any query: concessions on communities' land, where most of them are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from lindero.app.answers.claims import find_highest
from lindero.app.answers.overlap import overlaps
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds, Connection
from lindero.layers.database.queries import map_queries

LEFT, RIGHT = "concessions", "communities"
MAX_OVERLAPS = 1_000  # overlaps drawn: the first page must open at once
SLIVER = "sliver"  # grade of overlaps that may be an effect of inaccurate boundaries
CELL_DEGREES = 1.0
MAX_COMMUNITIES = 3  # number of communities named


@dataclass(frozen=True)
class MapOverview:
    """The largest overlaps as shapes, the bounds in which most of them are, and the numbers of overlapping features."""

    shapes: gpd.GeoDataFrame
    bounds: Bounds | None
    concessions: int
    lands: int
    communities: int
    left_out: Sequence[str] = ()  # sentences on sources that are left out because they repeat others
    worst: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The communities with most land under concession: `id`, `name`, `footprint_ha`, `share` of their land."""
    sliver_concessions: int = 0  # concessions that have only slivers as overlaps

    def sentence(self) -> str:
        """Return a sentence with the numbers of concessions and communities; empty if there is no overlap."""
        if not self.concessions:
            return ""
        text = ngettext(
            "{n} recorded concession is on the land of {lands} of the {communities} communities on this map.",
            "{n} recorded concessions are on the land of {lands} of the {communities} communities on this map.",
            self.concessions,
        )
        return text.format(
            n=format_number(self.concessions),
            lands=format_number(self.lands),
            communities=format_number(self.communities),
        )

    def slivers_text(self) -> str:
        """Return a sentence on concessions that only touch a boundary; empty if there are none."""
        if not self.sliver_concessions:
            return ""
        edges = ngettext(
            "Not counted: {n} concession that only crosses a boundary by less than its accuracy.",
            "Not counted: {n} concessions that only cross a boundary by less than its accuracy.",
            self.sliver_concessions,
        )
        return edges.format(n=format_number(self.sliver_concessions))

    def largest_text(self) -> str:
        """Return a sentence on the largest overlap, or on one of the largest; empty if there is none."""
        if self.shapes.empty:
            return ""
        row = self.shapes.iloc[0]
        is_certain = find_highest(self.shapes["certain_ha"], self.shapes["possible_ha"]).is_certain
        text = (
            _("Largest overlap: {concession} on {community}, {ha} ha.")
            if is_certain
            else _("One of the largest overlaps: {concession} on {community}, {ha} ha.")
        )
        names = {"concession": row["left_name"], "community": row["right_name"]}
        labels = {key: name if pd.notna(name) else _("without a name") for key, name in names.items()}
        return text.format(**labels, ha=format_number(row["area_ha"], decimals=0))


def first_sight(con: Connection) -> MapOverview:
    """Build the overview of concessions on communities' land, slivers left out."""
    all_pairs, counted_rows = overlaps.find_pairs(con, LEFT, RIGHT)
    pairs = all_pairs[all_pairs["certainty"] != SLIVER]
    shapes = overlaps.draw_pairs(con, LEFT, RIGHT, pairs.head(MAX_OVERLAPS)) if len(pairs) else gpd.GeoDataFrame(pairs)
    communities = map_queries.read_communities(con)
    return MapOverview(
        shapes,
        find_densest_bounds(shapes) if len(shapes) else None,
        int(pairs["left_id"].nunique()),
        int(pairs["right_id"].nunique()),
        len(communities) - len(counted_rows[1].ids),
        [line for side in counted_rows for line in side.sentences()],
        _most_covered_communities(con, communities[~communities["id"].isin(counted_rows[1].ids)]),
        int(all_pairs["left_id"].nunique() - pairs["left_id"].nunique()),
    )


def _most_covered_communities(con: Connection, communities: pd.DataFrame) -> pd.DataFrame:
    """Return the communities with most hectares under concession, each hectare counted once."""
    covered = map_database.read_footprints(con, RIGHT, covered_by=LEFT)
    named = communities[["id", "name"]].merge(covered, on="id")
    named = named[named["footprint_ha"] > 0].nlargest(MAX_COMMUNITIES, "footprint_ha")
    return named[["id", "name", "footprint_ha", "share"]].reset_index(drop=True)


def find_densest_bounds(shapes: gpd.GeoDataFrame) -> Bounds:
    """Return the bounds of the shapes in the square degree that has most hectares of them.

    `shapes`: polygons in OGC:CRS84 with `area_ha`, the largest first; at least one. Returns: west, south, east and
    north in degrees.
    """
    boxes = shapes.geometry.bounds
    rows, columns = ((boxes[f"min{axis}"] + boxes[f"max{axis}"]) // (2 * CELL_DEGREES) for axis in "yx")
    cell = shapes.groupby([rows, columns], sort=False).ngroup()
    densest_cell = (
        shapes["area_ha"].groupby(cell).sum().idxmax()
    )  # on a tie, the cell of the largest shape, which comes first
    west, south, east, north = shapes[cell == densest_cell].total_bounds
    return float(west), float(south), float(east), float(north)

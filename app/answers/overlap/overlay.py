"""Any layer of areas laid over any other: from the build where it laid them, else on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.reach import Reach, reach_between
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.overlap.chosen_pairs import laid_now
from lindero.app.answers.overlap.overlaps import hold_areas
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.registers import EVERY, Counted
from lindero.app.answers.repeated_ground import Repeats, repeated_in
from lindero.app.overlays import stored_totals
from lindero.geo import Totals, overlap, totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import LAYERS, OVERLAP_PAIRS

AREAS = tuple(name for name, layer in LAYERS.items() if "area_ha" in layer.names)
RANGED = 20_000  # pairs whose footprint a page also gives with boundaries drawn in and out
Counts = tuple[Counted, Counted]
_SIDES = ("id", "name", "holder")
_COLUMNS = [*(f"left_{name}" for name in _SIDES), *(f"right_{name}" for name in _SIDES)]
_SWAPPED = {
    **{f"left_{name}": f"right_{name}" for name in _SIDES},
    **{f"right_{name}": f"left_{name}" for name in _SIDES},
    "share_of_left": "share_of_right",
    "share_of_right": "share_of_left",
}


def layable(con: Connection) -> list[str]:
    """Give the layers of areas that hold anything."""
    counts = map_database.counts(con)
    return [name for name in AREAS if counts[name]]


def overlay(con: Connection, left: str, right: str) -> pd.DataFrame:
    """
    Give the overlaps of two layers, largest first.

    Columns: those of `layers.database.queries.map_queries.pairs`.

    Raises
    ------
    AnswerError
        If a layer has no areas.
    """
    if (left, right) in OVERLAP_PAIRS:
        return map_queries.pairs(con, left, right)
    if (right, left) in OVERLAP_PAIRS:
        return map_queries.pairs(con, right, left).rename(columns=_SWAPPED)
    sides = Side(LAYERS[left]), Side(LAYERS[right])
    hold_areas(*sides)
    measures = ["area_ha", "certain_ha", "possible_ha", "share_of_left", "share_of_right", "certainty"]
    pairs = laid_now(con, *sides).reindex(columns=[*_COLUMNS, *measures])
    return pairs.astype({"left_holder": object, "right_holder": object})  # text, also where there is none


@dataclass(frozen=True)
class Once:
    """The overlaps of two layers with nothing counted twice, and what that leaves out."""

    pairs: pd.DataFrame  # as `laid` gives them
    coverage: tuple[Reach, Reach]
    counted: Counts  # of the left, of the right
    refused: Sequence[refused_sides.Row]
    repeated: tuple[frozenset[str], frozenset[str]]  # ids of rows that repeat the ground of another row, left and right

    def repeats(self, layers: tuple[str, str], pairs: pd.DataFrame) -> Repeats:
        """Count the repeating rows in some of the pairs of two layers."""
        ids = zip(pairs["left_id"], pairs["right_id"], strict=True)
        return Repeats.count(layers, ids, pairs["area_ha"].to_numpy(dtype=float), self.repeated)

    def sentences(self) -> list[str]:
        """Say what is left out, and why."""
        lines = [line for side in self.counted for line in side.sentences()]
        return [*lines, *filter(None, (refused_sides.refused_text(self.refused),))]

    def options(self) -> list[str]:
        """Give the options of `lindero overlaps` that leave out the same."""
        sides = zip(("left", "right"), self.counted, strict=True)
        return [part for side, one in sides for test in one.tests() for part in (f"--{side}-where", test.typed)]


def overlay_once(con: Connection, left: str, right: str, every: pd.DataFrame | None = None) -> Once:
    """
    Lay two layers over each other as `overlay` does, and count nothing twice: see `Counted`.

    Parameters
    ----------
    every
        What `overlay` gives of them, for whoever has it.

    Raises
    ------
    AnswerError
        If a layer has no areas.
    """
    pairs, (ours, theirs) = pairs_once(con, left, right, every=every)
    sides = Side(LAYERS[left], ours.tests()), Side(LAYERS[right], theirs.tests())
    rows = [side.read(con) for side in sides]
    covered = reach_between(con, sides, [each.geometry.to_numpy() for each in rows])
    refused = refused_sides.of_sides(con, sides, [set(each["source_id"]) for each in rows])
    repeated = repeated_in(LAYERS[left], rows[0]), repeated_in(LAYERS[right], rows[1])
    return Once(pairs, covered, (ours, theirs), refused, repeated)


def pairs_once(
    con: Connection, left: str, right: str, *, whole: str = "", every: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, Counts]:
    """
    Give the overlaps of two layers as `overlay` does, with nothing counted twice, and what of each side is counted.

    Parameters
    ----------
    whole
        A layer of which nothing is left out: one of its features is asked about by its id.
    every
        As for `overlay_once`.

    Raises
    ------
    AnswerError
        If a layer has no areas.
    """
    pairs = overlay(con, left, right) if every is None else every
    ours, theirs = (EVERY if name == whole else Counted.of_map(con, LAYERS[name]) for name in (left, right))
    for side, counted in (("left", ours), ("right", theirs)):
        if counted.ids:
            pairs = pairs[~pairs[f"{side}_id"].isin(counted.ids)]
    return pairs.reset_index(drop=True), (ours, theirs)


def sums(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Totals:
    """
    Add up pairs of two layers: gross, and the ground that they cover counted once.

    Of up to `RANGED` pairs also with all boundaries drawn in and out: a page must answer while somebody waits. What all
    pairs come to is taken from what the build has kept of them.
    """
    areas_ha = pairs["area_ha"].to_numpy()
    stored = stored_totals.totals_of(con, left, right, areas_ha)
    if stored is None and (other := stored_totals.totals_of(con, right, left, areas_ha)) is not None:
        stored = replace(other, left_features=other.right_features, right_features=other.left_features)
    return stored or totals(pairs, *_sides(con, left, right, pairs), with_range=len(pairs) <= RANGED)


def overlay_geometry(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Draw the ground that pairs of two layers share, in OGC:CRS84, beside their columns."""
    shared = overlap(*_sides(con, left, right, pairs), min_ha=0, with_geometry=True)
    return gpd.GeoDataFrame(pairs.merge(shared[["left_id", "right_id", "geometry"]], on=["left_id", "right_id"]))


def _sides(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Sequence[gpd.GeoDataFrame]:
    return [
        map_database.read_layer(con, LAYERS[layer], where={"id": list(pairs[column].unique())})
        for layer, column in ((left, "left_id"), (right, "right_id"))
    ]

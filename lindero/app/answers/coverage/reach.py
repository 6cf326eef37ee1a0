"""The coverage of one layer on the land of the features of another, feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from lindero.app.answers.coverage.coverage import WHOLE_SHARE, Coverage, Verdict, read_coverage
from lindero.app.answers.overlap.row_selection import Side, bounding_boxes
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Reach:
    """Counts of the features of `feature_layer` by how much of their area has data of `layer`.

    Where the coverage is not `whole`, an absence of features of the layer proves nothing.
    """

    layer: str
    feature_layer: str
    whole: int
    part: int
    no_data: int
    not_known: int
    no_place: int = 0  # not part of `features`: it is not recorded where they are
    sources: tuple[Source, ...] = ()

    @property
    def features(self) -> int:
        """The number of features with a known place."""
        return self.whole + self.part + self.no_data + self.not_known

    @property
    def is_whole(self) -> bool:
        """Whether all of their area is covered, so that a zero is true."""
        return self.features > 0 and self.whole == self.features and not self.no_place

    @property
    def is_covered(self) -> bool:
        """Whether some of their area is covered."""
        return self.whole + self.part > 0

    def to_dict(self) -> dict[str, object]:
        """Convert the counts to a dictionary for JSON."""
        return {
            "layer": self.layer,
            "of": self.feature_layer,
            "features": self.features,
            "covered_whole": self.whole,
            "covered_in_part": self.part,
            "no_data": self.no_data,
            "not_known": self.not_known,
            "without_place": self.no_place,
            "sources": [
                {"source_id": source.source_id, "publisher": source.publisher, "as_of": source.as_of}
                for source in self.sources
            ],
        }


def measure_reach(covered: Coverage, layer: str, features: gpd.GeoSeries, *, feature_layer: str) -> Reach:
    """Count features by how much of their area, in degrees, a layer covers.

    A feature without a place counts as such.
    """
    sources = tuple(source for source in covered.sources if source.layer == layer)
    return _build_reach(
        *covered.shape_verdicts(layer, features.to_numpy()), layer, feature_layer=feature_layer, sources=sources
    )


def count_reach(verdicts: pd.DataFrame, layer: str, *, feature_layer: str, sources: tuple[Source, ...]) -> Reach:
    """Count features by their coverage, from the verdicts and shares of `Coverage.measure_shapes`."""
    return _build_reach(
        verdicts["verdict"].to_numpy(),
        verdicts["share"].to_numpy(),
        layer,
        feature_layer=feature_layer,
        sources=sources,
    )


def _build_reach(
    verdict: npt.NDArray[np.str_], share: Floats, layer: str, *, feature_layer: str, sources: tuple[Source, ...]
) -> Reach:
    return Reach(
        layer,
        feature_layer,
        whole=_count_true(share >= WHOLE_SHARE),
        part=_count_true((share > 0) & (share < WHOLE_SHARE)),
        no_data=_count_true(verdict == Verdict.NO_DATA),
        not_known=_count_true(verdict == Verdict.NOT_KNOWN),
        no_place=_count_true(verdict == Verdict.NO_PLACE),
        sources=sources,
    )


def label_shares(verdicts: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Return for each feature whether the data where it is are `complete`, `partial` or `none`."""
    share = verdicts["share"].to_numpy()
    return np.where(share >= WHOLE_SHARE, "complete", np.where(share > 0, "partial", "none"))


def combine_verdicts(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Combine two tables of verdicts on the same features into one that is true for both.

    The result has the lesser share and the worse verdict: `NO_PLACE` is worse than `NO_DATA`, and `NO_DATA` is worse
    than `NOT_KNOWN`.
    """
    import pandas as pd

    verdicts = pd.concat([left["verdict"], right["verdict"]], axis=1)
    worst = np.full(len(left), Verdict.COVERED, dtype=object)
    for verdict in (Verdict.NOT_KNOWN, Verdict.NO_DATA, Verdict.NO_PLACE):
        worst[(verdicts == verdict).any(axis=1).to_numpy()] = verdict
    return pd.DataFrame({"verdict": worst, "share": np.minimum(left["share"], right["share"])}, index=left.index)


def measure_both_reaches(
    con: Connection, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]
) -> tuple[Reach, Reach]:
    """Measure the coverage of each of two sides on the features of the other, in degrees.

    Of frames without geometry, only the shapes that the bounding boxes do not settle are read.
    """
    (left, right), (ours, theirs) = sides, frames
    return _measure_side_reach(con, left, right, theirs), _measure_side_reach(con, right, left, ours)


def _measure_side_reach(con: Connection, side: Side, feature_side: Side, features: gpd.GeoDataFrame) -> Reach:
    covered, layer = read_side_coverage(con, side), side.layer.name
    if "geometry" in features:
        shapes = features.geometry.to_numpy()
    else:
        shapes = bounding_boxes(features)
        unsettled = _find_unsettled_boxes(covered, layer, shapes)
        shapes[unsettled] = feature_side.read_shapes(con, features.iloc[unsettled]).geometry.to_numpy()
    sources = tuple(source for source in covered.sources if source.layer == layer)
    verdicts = covered.shape_verdicts(layer, shapes)
    return _build_reach(*verdicts, layer, feature_layer=feature_side.layer.name, sources=sources)


def _find_unsettled_boxes(covered: Coverage, layer: str, boxes: Geometries) -> Ints:
    """Return the positions of the bounding boxes that may have another coverage than the shapes in them.

    A shape is covered whole if its box is, and not at all if its box is outside. The box of a point has no area.
    """
    is_open = ~shapely.covers(prepared_copy(covered.covered_area(layer)), boxes)
    open_boxes = np.flatnonzero(is_open)
    grounds = np.array([row.geometry for row in covered.select_rows(layer)], dtype=object)
    met, _ground = shapely.STRtree(grounds).query(boxes[open_boxes], predicate="intersects")
    return np.union1d(open_boxes[met], np.flatnonzero(shapely.area(boxes) == 0))


def read_side_coverage(con: Connection, side: Side) -> Coverage:
    """Read the coverage of a side's layer.

    It is that of the side's source or snapshot if it has one, else that of all current sources that its conditions
    allow.
    """
    if not side.source_id:
        covered = read_coverage(con, layers=[side.layer.name])
        excluded_ids = {source.source_id for source in covered.sources if not side.includes_source(source.source_id)}
        return covered.exclude_sources(excluded_ids) if excluded_ids else covered
    snapshots_of_source = [
        snapshot for snapshot in map_database.read_sources(con) if snapshot.source_id == side.source_id
    ]
    meant = [
        snapshot
        for snapshot in snapshots_of_source
        if (snapshot.snapshot_on == side.snapshot_on if side.snapshot_on else snapshot.is_current)
    ]
    snapshots = {(snapshot.source_id, snapshot.snapshot_on) for snapshot in meant}
    return read_coverage(con, snapshots, layers=[side.layer.name])


def _count_true(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(flags))

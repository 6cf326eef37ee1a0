"""How far the map has data of one layer on the ground of the features of another, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lindero.app.answers.coverage.coverage import WHOLE, Coverage, Verdict, coverage_of
from lindero.app.answers.overlap.row_selection import Side
from lindero.geo.geometry.projection import Floats
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


@dataclass(frozen=True)
class Reach:
    """
    Of how many of the `features` of the layer `of` all ground is covered by a layer, a part of it, none, or who knows.

    Where it is not `whole`, that nothing of the layer lies there is no finding.
    """

    layer: str
    of: str
    whole: int
    part: int
    no_data: int
    not_known: int
    no_place: int = 0  # beside the features: it is not on record where they are
    sources: tuple[Source, ...] = ()

    @property
    def features(self) -> int:
        """How many there are whose place is known."""
        return self.whole + self.part + self.no_data + self.not_known

    @property
    def is_whole(self) -> bool:
        """Whether all of their ground is covered, so that a zero may be said of it."""
        return self.features > 0 and self.whole == self.features and not self.no_place

    @property
    def is_covered(self) -> bool:
        """Whether some of their ground is covered."""
        return self.whole + self.part > 0

    def as_dict(self) -> dict[str, object]:
        """Give it as JSON holds it."""
        return {
            "layer": self.layer,
            "of": self.of,
            "features": self.features,
            "covered_whole": self.whole,
            "covered_in_part": self.part,
            "no_data": self.no_data,
            "not_known": self.not_known,
            "without_place": self.no_place,
            "sources": [
                {"source_id": one.source_id, "publisher": one.publisher, "as_of": one.as_of} for one in self.sources
            ],
        }


def reach_of(covered: Coverage, layer: str, features: gpd.GeoSeries, *, of: str) -> Reach:
    """Count how far a layer is covered on the ground of some features, in degrees; of what has none it is not known."""
    sources = tuple(source for source in covered.sources if source.layer == layer)
    return _counted(*covered.over_shapes(layer, features.to_numpy()), layer, of=of, sources=sources)


def reach_from(found: pd.DataFrame, layer: str, *, of: str, sources: tuple[Source, ...]) -> Reach:
    """Count what `Coverage.over_each` has found of a layer on the ground of features."""
    return _counted(found["verdict"].to_numpy(), found["share"].to_numpy(), layer, of=of, sources=sources)


def _counted(
    verdict: npt.NDArray[np.str_], share: Floats, layer: str, *, of: str, sources: tuple[Source, ...]
) -> Reach:
    return Reach(
        layer,
        of,
        whole=_count(share >= WHOLE),
        part=_count((share > 0) & (share < WHOLE)),
        no_data=_count(verdict == Verdict.NO_DATA),
        not_known=_count(verdict == Verdict.NOT_KNOWN),
        no_place=_count(verdict == Verdict.NO_PLACE),
        sources=sources,
    )


def in_both(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Give of two verdicts on the same features what holds for both: the lesser share, no data before not known."""
    import pandas as pd

    verdicts = pd.concat([one["verdict"], other["verdict"]], axis=1)
    worst = np.full(len(one), Verdict.COVERED, dtype=object)
    for verdict in (Verdict.NOT_KNOWN, Verdict.NO_DATA, Verdict.NO_PLACE):
        worst[(verdicts == verdict).any(axis=1).to_numpy()] = verdict
    return pd.DataFrame({"verdict": worst, "share": np.minimum(one["share"], other["share"])}, index=one.index)


def reach_between(con: Connection, sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> tuple[Reach, Reach]:
    """Count how far each of two sides is covered on the ground of the other's rows, in degrees."""
    (left, right), (ours, theirs) = sides, (frame.geometry for frame in frames)
    names = left.layer.name, right.layer.name
    return (
        reach_of(coverage_of_side(con, left), names[0], theirs, of=names[1]),
        reach_of(coverage_of_side(con, right), names[1], ours, of=names[0]),
    )


def coverage_of_side(con: Connection, side: Side) -> Coverage:
    """Read where a side has data of its layer: the source or snapshot that it names, else all current that it takes."""
    if not side.source_id:
        covered = coverage_of(con, layers=[side.layer.name])
        others = {one.source_id for one in covered.sources if not side.takes_source(one.source_id)}
        return covered.without(others) if others else covered
    own = [each for each in map_database.read_sources(con) if each.source_id == side.source_id]
    meant = [each for each in own if (each.snapshot_on == side.snapshot_on if side.snapshot_on else each.is_current)]
    snapshots = {(each.source_id, each.snapshot_on) for each in meant}
    return coverage_of(con, snapshots, layers=[side.layer.name])


def _count(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(flags))

"""
The three answers of a map about what it does not show: none on record here, no data of this here, not known.

The one home of the rule. Whoever has found nothing of a layer at a place asks `Coverage.at`, round a place
`Coverage.around`, in a region `Coverage.over`, and says what `app.answers.coverage_text` makes of the answer; a zero
is said or written only where the answer `is_covered`.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo import area_ha
from lindero.geo.geometry.circle import disc
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.model.schema import CRS

M_PER_KM = 1000
_WRAPPED = 360  # degrees: what is longer runs round a pole or across the antimeridian
WHOLE = coverage.WHOLE


class Verdict(StrEnum):
    """What a map can say where it shows nothing of a layer."""

    COVERED = "covered"  # none is on record here: a source has data here
    NO_DATA = "no_data"  # no source has data here
    NOT_KNOWN = "not_known"  # a source has data in this region, but nobody said whether here


@dataclass(frozen=True)
class Answer:
    """
    The verdict for one layer at a place or over an area.

    `sources` are those that have data there, or may have (if not known). `share` is the part of the area that is
    covered (0 to 1).
    """

    layer: str
    verdict: Verdict
    sources: tuple[Source, ...] = ()
    share: float = 0.0
    declared: bool = False  # somebody said so of at least one source; else it is proposed from the rows

    @property
    def is_covered(self) -> bool:
        """Whether some of it is covered, so that a count of what is on record may be said."""
        return self.verdict is Verdict.COVERED

    @property
    def is_whole(self) -> bool:
        """Whether all of it is covered, so that a zero or a share may stand for all of it."""
        return self.is_covered and self.share >= WHOLE

    @property
    def as_of(self) -> dt.date | None:
        """The latest day that a covering source states; None where none does."""
        return max((source.as_of for source in self.sources if source.as_of), default=None)

    def as_dict(self) -> dict[str, object]:
        """Give the answer as JSON holds it."""
        return {
            "layer": self.layer,
            "verdict": self.verdict.value,
            "share_covered": round(self.share, 4),
            "basis": (Basis.DECLARED if self.declared else Basis.PROPOSED).value if self.sources else None,
            "sources": [
                {"source_id": one.source_id, "publisher": one.publisher, "as_of": one.as_of} for one in self.sources
            ],
        }


@dataclass(frozen=True)
class Coverage:
    """Where the current snapshots of a map have data, by layer; `rows` as `database.coverage.read` gives them."""

    rows: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    holding: frozenset[str]  # tables that hold any row

    def lacks(self, layer: str) -> bool:
        """Tell whether the map has no data of a layer at all."""
        return layer not in self.holding and self._of(layer).empty and not self._sources_of(layer)

    def at(self, layer: str, lat: float, lon: float) -> Answer:
        """Give the answer for a place."""
        rows = self._of(layer)
        met = rows[_anywhere(rows) | shapely.contains_xy(rows.geometry.to_numpy(), lon, lat)]
        sure = met[met["extent"] == Extent.COVERED]
        if len(sure):
            return self._answer(layer, Verdict.COVERED, sure, share=1.0)
        return self._unsure(layer, met)

    def around(self, layer: str, lat: float, lon: float, *, within_km: float) -> Answer:
        """Give the answer for what lies within a distance of a place."""
        area = disc(lon, lat, within_km * M_PER_KM)
        return self.over(layer, area) if area.is_valid and area.length < _WRAPPED else self.at(layer, lat, lon)

    def over(self, layer: str, area: shapely.Geometry) -> Answer:
        """Give the answer for an area, polygons in degrees."""
        rows = self._of(layer)
        met = rows[_anywhere(rows) | shapely.intersects(rows.geometry.to_numpy(), area)]
        sure = met[met["extent"] == Extent.COVERED]
        ground = shapely.intersection(shapely.union_all(sure.geometry.to_numpy()), area)
        covered, whole = area_ha(gpd.GeoSeries([_areal(ground), area], crs=CRS))
        share = min(covered / whole, 1.0) if whole > 0 else 0.0
        if share > 0:
            return self._answer(layer, Verdict.COVERED, sure, share=float(share))
        return self._unsure(layer, met)

    def of_place(self, here: pd.DataFrame, layers: Sequence[str], lat: float, lon: float) -> dict[str, Answer]:
        """
        Give the answer for each layer at a place, of which something may have been found there.

        `here` are the rows that lie there, with `layer` and `source_id`: what is found is on record, whether or not
        its source states that it covers the place.
        """
        answers = {}
        for layer in layers:
            found = set(here.loc[here["layer"] == layer, "source_id"])
            answer = self.at(layer, lat, lon)
            if found:
                ids = found | ({one.source_id for one in answer.sources} if answer.is_covered else set())
                sources = tuple(source for source in self.sources if source.source_id in ids)
                answer = Answer(layer, Verdict.COVERED, sources, 1.0, answer.declared)
            answers[layer] = answer
        return answers

    def over_each(self, layer: str, shapes: gpd.GeoSeries) -> pd.DataFrame:
        """
        Give the answer for each of many shapes in degrees, under their index: `verdict` and `share` (0 to 1).

        A point is covered or not; a missing shape is not known.
        """
        areas = shapes.to_numpy()
        sure = self.ground(layer)
        shapely.prepare(sure)
        inside = shapely.covers(sure, areas)
        some = shapely.intersects(sure, areas) & ~inside
        share = inside.astype(float)
        size = np.maximum(shapely.area(areas[some]), np.finfo(float).tiny)  # both in degrees of one latitude: a ratio
        share[some] = np.minimum(shapely.area(shapely.intersection(areas[some], sure)) / size, 1.0)
        rows = self._of(layer)
        near, _of = shapely.STRtree(rows.geometry.to_numpy()).query(areas, predicate="intersects")
        unknown = np.isin(np.arange(len(areas)), near) | shapely.is_missing(areas) | _anywhere(rows).any()
        unknown |= layer in self.holding and rows.empty
        verdict = np.where(share > 0, Verdict.COVERED, np.where(unknown, Verdict.NOT_KNOWN, Verdict.NO_DATA))
        return pd.DataFrame({"verdict": verdict, "share": share}, index=shapes.index)

    def over_lands(self, layer: str, shapes: gpd.GeoSeries) -> list[Answer]:
        """Give the answer for each of many lands in degrees: areas, or points where nobody drew them."""
        areas = shapes.to_numpy()
        rows = self._of(layer)
        sure = rows[rows["extent"] == Extent.COVERED]
        ground = self.ground(layer)
        shapely.prepare(ground)
        inside = shapely.covers(ground, areas) & (shapely.get_dimensions(areas) == 2)  # noqa: PLR2004  areas
        land, source = shapely.STRtree(sure.geometry.to_numpy()).query(areas, predicate="intersects")
        met = pd.Series(source).groupby(land).indices
        own = {at: np.union1d(source[found], np.flatnonzero(_anywhere(sure))) for at, found in met.items()}
        near, _of = shapely.STRtree(rows.geometry.to_numpy()).query(areas, predicate="intersects")
        some = np.isin(np.arange(len(areas)), near) | _anywhere(rows).any()
        nothing = self._unsure(layer, rows.iloc[:0])
        return [
            self._answer(layer, Verdict.COVERED, sure.iloc[own[at]], share=1.0)
            if inside[at]
            else self._over_land(layer, shape)
            if some[at] and shape is not None
            else nothing
            for at, shape in enumerate(areas)
        ]

    def _over_land(self, layer: str, shape: shapely.Geometry) -> Answer:
        return self.at(layer, shape.y, shape.x) if isinstance(shape, shapely.Point) else self.over(layer, shape)

    def ground(self, layer: str, *, only_declared: bool = False) -> shapely.Geometry:
        """Give all ground of a layer that is covered, as one geometry in degrees; empty if there is none."""
        rows = self._of(layer)
        sure = rows[(rows["extent"] == Extent.COVERED) & ((rows["basis"] == Basis.DECLARED) | (not only_declared))]
        return _areal(shapely.union_all(sure.geometry.to_numpy()))

    def _of(self, layer: str) -> gpd.GeoDataFrame:
        return self.rows[self.rows["layer"] == layer]

    def _sources_of(self, layer: str) -> list[Source]:
        return [source for source in self.sources if source.layer == layer]

    def _unsure(self, layer: str, met: pd.DataFrame) -> Answer:
        """Give the answer where nothing is sure to cover: not known where a source may, or never said where."""
        silent = layer in self.holding and self._of(layer).empty  # of an earlier version, or from the vault
        if len(met) or silent:
            return self._answer(layer, Verdict.NOT_KNOWN, met)
        return Answer(layer, Verdict.NO_DATA)

    def _answer(self, layer: str, verdict: Verdict, rows: pd.DataFrame, *, share: float = 0.0) -> Answer:
        ids = set(rows["source_id"])
        sources = tuple(source for source in self.sources if source.source_id in ids)
        return Answer(layer, verdict, sources, share, bool((rows["basis"] == Basis.DECLARED).any()))


def coverage_of(con: Connection, snapshots: Collection[tuple[str, dt.date]] | None = None) -> Coverage:
    """Read where the current snapshots of a map have data, or others: id of a source and its day."""
    rows, every = coverage.read(con), map_database.read_sources(con)
    sources = tuple(each for each in every if _is_meant(each, snapshots))
    meant = {(each.source_id, each.snapshot_on) for each in sources}
    days = pd.to_datetime(rows["snapshot_on"]).dt.date
    is_meant = np.array([key in meant for key in zip(rows["source_id"], days, strict=True)], dtype=bool)
    rows = rows[is_meant].reset_index(drop=True)
    shapely.prepare(rows.geometry.to_numpy())  # asked of many places
    holding = frozenset(name for name, count in map_database.counts(con).items() if count)
    return Coverage(rows, sources, holding)


def _is_meant(source: Source, snapshots: Collection[tuple[str, dt.date]] | None) -> bool:
    return source.is_current if snapshots is None else (source.source_id, source.snapshot_on) in snapshots


def lacking(found: Coverage, layers: Sequence[str]) -> list[str]:
    """Give those of some layers of which the map has no data at all."""
    return [layer for layer in layers if found.lacks(layer)]


def without_false_zeros(counts: pd.Series, shares: pd.Series) -> pd.Series:
    """
    Leave a zero missing where its layer is not covered whole; what was found is on record, wherever it is.

    `shares` are of the ground that each count is of (0 to 1), row for row.
    """
    return counts.where((counts != 0) | (shares.to_numpy() >= WHOLE))


def _anywhere(rows: gpd.GeoDataFrame) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Tell which rows have no ground of their own: the source may have data anywhere."""
    return np.asarray(shapely.is_missing(rows.geometry.to_numpy()), dtype=bool)


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]  # noqa: PLR2004  areas
    return shapely.MultiPolygon([polygon for part in parts for polygon in shapely.get_parts(part)])

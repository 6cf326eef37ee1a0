"""
The three answers of a map about what it does not show: none on record here, no data of this here, not known.

The one home of the rule. Whoever has found nothing of a layer at a place asks `Coverage.at`, round a place
`Coverage.around`, in a region `Coverage.over`, and says what `app.answers.coverage.coverage_text` makes of the answer;
a zero is said or written only where the answer `is_covered`.

A list of conflicts says nothing of attacks, and the reverse: the layer `incidents` is answered by kind, `ATTACKS` and
`CONFLICTS`, each by the sources that hold any of it. Where records without an exact place may lie, none is not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.app.record.unplaced import (
    ATTACKS,
    CONFLICTS,
    NO_RECORDS,
    NO_UNPLACED,
    Count,
    Unplaced,
    UnplacedRecords,
    unplaced_records,
)
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, areal, project, with_geodesic_edges
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import disc
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Basis, Extent, Row
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import record_queries
from lindero.layers.database.queries.record_queries import SourceSpan
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_WRAPPED = 360  # degrees: what is longer runs round a pole or across the antimeridian
WHOLE, ZERO = coverage.WHOLE, coverage.ZERO
KINDS = (ATTACKS, CONFLICTS)


class Verdict(StrEnum):
    """What a map can say where it shows nothing of a layer."""

    COVERED = "covered"  # none is on record here: a source has data here
    NO_DATA = "no_data"  # no source has data here
    NOT_KNOWN = "not_known"  # a source has data in this region, but nobody said whether here
    NO_PLACE = "no_place"  # nobody said where what is asked about is


@dataclass(frozen=True)
class LayerCoverage:
    """
    The verdict for one layer at a place or over an area.

    `sources` are those that have data there, or may have (if not known). `share` is the part of the area that is
    covered (0 to 1). An answer for incidents has `parts`, one for each kind, of which the sources alone decide, and
    `unplaced`, the records that may lie there too.
    """

    layer: str
    verdict: Verdict
    sources: tuple[Source, ...] = ()
    share: float = 0.0
    declared: bool = False  # somebody said so of at least one source; else it is proposed from the rows
    parts: tuple[LayerCoverage, ...] = ()
    unplaced: Unplaced = NO_UNPLACED

    @property
    def is_covered(self) -> bool:
        """Whether some of it is covered, so that a count of what is on record may be said."""
        return self.verdict is Verdict.COVERED

    @property
    def is_whole(self) -> bool:
        """Whether all of it is covered, so that a zero or a share may stand for all of it."""
        return self.is_covered and self.share >= ZERO

    @property
    def as_of(self) -> dt.date | None:
        """The latest day that a covering source states; None where none does."""
        return max((source.as_of for source in self.sources if source.as_of), default=None)

    def as_dict(self) -> dict[str, object]:
        """Give the answer as JSON holds it."""
        kinds = [replace(part, verdict=self._verdict_of(part)).as_dict() for part in self.parts]
        by_kind = {"kinds": kinds, "known_without_exact_place": self.unplaced.as_dict()} if kinds else {}
        return {
            "layer": self.layer,
            "verdict": self.verdict.value,
            "share_covered": round(self.share, 4),
            "basis": (Basis.DECLARED if self.declared else Basis.PROPOSED).value if self.sources else None,
            "sources": [
                {"source_id": one.source_id, "publisher": one.publisher, "as_of": one.as_of} for one in self.sources
            ],
            **by_kind,
        }

    def _verdict_of(self, part: LayerCoverage) -> Verdict:
        """Return the verdict of a kind: not known where records of it without an exact place may lie here."""
        return Verdict.NOT_KNOWN if self.unplaced.only(part.layer) else part.verdict

    @classmethod
    def from_parts(cls, layer: str, parts: Sequence[LayerCoverage], unplaced: Unplaced) -> LayerCoverage:
        """Build the answer for several kinds of incidents: covered only if each is, and none may lie there unseen."""
        whole = cls(layer, Verdict.NOT_KNOWN, parts=tuple(parts), unplaced=unplaced)
        verdicts = {whole._verdict_of(part) for part in parts}
        return replace(
            whole,
            verdict=verdicts.pop() if len(verdicts) == 1 else Verdict.NOT_KNOWN,
            sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
            share=min(part.share for part in parts),
            declared=any(part.declared for part in parts),
        )


@dataclass(frozen=True)
class Coverage:
    """
    Where the current snapshots of a map have data, by layer; `rows` as `database.coverage.read_rows` gives them.

    `spans` say which kinds of incidents each source holds; `unplaced` are the records without an exact place.
    """

    rows: tuple[Row, ...]
    sources: tuple[Source, ...]
    holding: frozenset[str]  # tables that hold any row
    spans: tuple[SourceSpan, ...] = ()
    unplaced: UnplacedRecords = NO_RECORDS

    @cached_property
    def _grounds(self) -> dict[str, shapely.Geometry]:
        """All ground of a layer, by layer, as far as it was asked for: many answers are of the same."""
        return {}

    def without(self, source_ids: Collection[str]) -> Coverage:
        """Leave out where some sources have data."""
        rows = tuple(row for row in self.rows if row.source_id not in source_ids)
        return replace(self, rows=rows, sources=tuple(one for one in self.sources if one.source_id not in source_ids))

    def lacks(self, layer: str) -> bool:
        """Tell whether the map has no data of a layer at all."""
        return not self._holds(layer) and not self.of(layer) and not self._sources_of(layer)

    def at(self, layer: str, lat: float, lon: float) -> LayerCoverage:
        """Give the answer for a place."""
        return self._by_kind(layer, lambda kind: self._at(kind, lat, lon), lambda: self.unplaced.at(lat, lon))

    def _at(self, layer: str, lat: float, lon: float) -> LayerCoverage:
        rows = self.of(layer)
        met = _met(rows, shapely.contains(_shapes(rows), shapely.Point(lon, lat)))
        if sure := _sure(met):
            return self._answer(layer, Verdict.COVERED, sure, share=1.0)
        return self._unsure(layer, met)

    def around(self, layer: str, lat: float, lon: float, *, within_km: float) -> LayerCoverage:
        """Give the answer for what lies within a distance of a place."""
        area = disc(lon, lat, within_km * M_PER_KM)
        return self.over(layer, area) if area.is_valid and area.length < _WRAPPED else self.at(layer, lat, lon)

    def over(self, layer: str, area: shapely.Geometry) -> LayerCoverage:
        """Give the answer for an area, polygons in degrees."""
        return self._by_kind(layer, lambda kind: self._over(kind, area), lambda: self.unplaced.over(area))

    def over_region(self, layer: str, area: shapely.Geometry, *, country: str, region: str = "") -> LayerCoverage:
        """
        Return the answer for a country, or one of its regions, by its code; `area` is its ground in degrees.

        Records known only by this region or country are on record in it: those known by less may lie there too.
        """
        if region:
            open_records = replace(self.unplaced.in_region(region), in_region=Count())
        else:
            open_records = replace(self.unplaced.in_country(country), in_country=Count())
        return self._by_kind(layer, lambda kind: self._over(kind, area), lambda: open_records)

    def _over(self, layer: str, area: shapely.Geometry) -> LayerCoverage:
        rows = self.of(layer)
        met = _met(rows, shapely.intersects(_shapes(rows), area))
        sure = _sure(met)
        if (share := _share(_shapes(sure), area)) > 0:
            return self._answer(layer, Verdict.COVERED, sure, share=share)
        return self._unsure(layer, met)

    def of_place(
        self, here: Sequence[Mapping[Any, Any]], layers: Sequence[str], lat: float, lon: float
    ) -> dict[str, LayerCoverage]:
        """
        Give the answer for each layer at a place, of which something may have been found there.

        `here` are the rows that lie there, with `layer` and `source_id`: what is found is on record, whether or not
        its source states that it covers the place.
        """
        answers = {}
        for layer in layers:
            found = {row["source_id"] for row in here if row["layer"] == layer}
            answer = self.at(layer, lat, lon)
            if found:
                ids = found | ({one.source_id for one in answer.sources} if answer.is_covered else set())
                sources = tuple(source for source in self.sources if source.source_id in ids)
                answer = LayerCoverage(layer, Verdict.COVERED, sources, 1.0, answer.declared)
            answers[layer] = answer
        return answers

    def over_each(self, layer: str, shapes: gpd.GeoSeries) -> pd.DataFrame:
        """
        Give the answer for each of many shapes in degrees, under their index: `verdict` and `share` (0 to 1).

        A point is covered or not; of a missing shape it is not known where it is.
        """
        import pandas as pd

        verdict, share = self.over_shapes(layer, shapes.to_numpy())
        return pd.DataFrame({"verdict": verdict, "share": share}, index=shapes.index)

    def over_shapes(self, layer: str, areas: Geometries) -> tuple[npt.NDArray[np.str_], Floats]:
        """
        Return verdicts and shares as `over_each` does. No library of frames is loaded.

        Of incidents these are for attacks, which are what tables count.
        """
        layer = ATTACKS if layer == INCIDENTS.name else layer
        sure = prepared_copy(self.ground(layer))
        inside = shapely.covers(sure, areas)
        some = shapely.intersects(sure, areas) & ~inside
        share = inside.astype(float)
        size = np.maximum(shapely.area(areas[some]), np.finfo(float).tiny)  # both in degrees of one latitude: a ratio
        share[some] = np.minimum(shapely.area(shapely.intersection(areas[some], sure)) / size, 1.0)
        rows = self.of(layer)
        bare = np.flatnonzero(share == 0)  # of these alone it is asked what may lie there
        near, _of = shapely.STRtree(_shapes(rows)).query(areas[bare], predicate="intersects")
        unknown = np.isin(np.arange(len(areas)), bare[near])
        unknown |= any(row.geometry is None for row in rows) or (self._holds(layer) and not rows)
        verdict = np.where(share > 0, Verdict.COVERED, np.where(unknown, Verdict.NOT_KNOWN, Verdict.NO_DATA))
        verdict[shapely.is_missing(areas)] = Verdict.NO_PLACE
        return verdict, share

    def over_lands(self, layer: str, shapes: gpd.GeoSeries) -> list[LayerCoverage]:
        """Give the answer for each of many lands in degrees: areas, or points where nobody drew them."""
        import pandas as pd

        if layer == INCIDENTS.name or layer in KINDS:
            return [self._over_land(layer, shape) for shape in shapes]
        areas = shapes.to_numpy()
        rows = self.of(layer)
        sure = _sure(rows)
        ground = prepared_copy(self.ground(layer))
        inside = shapely.covers(ground, areas) & (shapely.get_dimensions(areas) == 2)  # noqa: PLR2004  areas
        land, source = shapely.STRtree(_shapes(sure)).query(areas, predicate="intersects")
        met = pd.Series(source).groupby(land).indices
        anywhere = [at for at, row in enumerate(sure) if row.geometry is None]
        own = {
            at: [sure[each] for each in np.union1d(source[found], anywhere).astype(int)] for at, found in met.items()
        }
        near, _of = shapely.STRtree(_shapes(rows)).query(areas, predicate="intersects")
        some = np.isin(np.arange(len(areas)), near) | any(row.geometry is None for row in rows)
        nothing = self._unsure(layer, [])
        return [
            self._answer(layer, Verdict.COVERED, own[at], share=1.0)
            if inside[at]
            else self._over_land(layer, shape)
            if some[at] or shape is None
            else nothing
            for at, shape in enumerate(areas)
        ]

    def _over_land(self, layer: str, shape: shapely.Geometry | None) -> LayerCoverage:
        if shape is None:
            return LayerCoverage(layer, Verdict.NO_PLACE)
        return self.at(layer, shape.y, shape.x) if isinstance(shape, shapely.Point) else self.over(layer, shape)

    def ground(self, layer: str, *, only_declared: bool = False) -> shapely.Geometry:
        """Give all ground of a layer that is covered, as one geometry in degrees; empty if there is none."""
        if only_declared:
            return areal(
                shapely.union_all(_shapes([row for row in _sure(self.of(layer)) if row.basis == Basis.DECLARED]))
            )
        if layer not in self._grounds:
            self._grounds[layer] = areal(shapely.union_all(_shapes(_sure(self.of(layer)))))
        return self._grounds[layer]

    def of(self, layer: str) -> list[Row]:
        """Return the rows of a layer, or of a kind of incidents: those of the sources that hold any of it."""
        if layer in KINDS:
            ids = self._ids_of(layer)
            return [row for row in self.rows if row.layer == INCIDENTS.name and row.source_id in ids]
        return [row for row in self.rows if row.layer == layer]

    def _by_kind(self, layer: str, ask: Callable[[str], LayerCoverage], more: Callable[[], Unplaced]) -> LayerCoverage:
        """Return the answer for a layer; for incidents, or one kind of them, with what may lie there unseen."""
        if layer != INCIDENTS.name and layer not in KINDS:
            return ask(layer)
        kinds = self.kinds_held() if layer == INCIDENTS.name else [layer]
        found = more()
        return LayerCoverage.from_parts(layer, list(map(ask, kinds)), found.only(layer) if layer in KINDS else found)

    def _ids_of(self, kind: str) -> frozenset[str]:
        """Return the ids of the sources that hold any incident of a kind."""
        return frozenset(one.source_id for one in self.spans if (one.attacks if kind == ATTACKS else one.conflicts))

    def is_silent(self, layer: str) -> bool:
        """Return whether the map holds a layer, and no source says where it has data of it."""
        return self._holds(layer) and not self.of(layer)

    def kinds_held(self) -> list[str]:
        """Return the kinds of incidents that are answered one by one: attacks always, conflicts where there are any."""
        return [kind for kind in KINDS if kind == ATTACKS or self._ids_of(kind)]

    def _holds(self, layer: str) -> bool:
        return bool(self._ids_of(layer)) if layer in KINDS else layer in self.holding

    def _sources_of(self, layer: str) -> list[Source]:
        ids = self._ids_of(layer) if layer in KINDS else {one.source_id for one in self.sources if one.layer == layer}
        return [source for source in self.sources if source.source_id in ids]

    def _unsure(self, layer: str, met: Sequence[Row]) -> LayerCoverage:
        """Give the answer where nothing is sure to cover: not known where a source may, or never said where."""
        if met or self.is_silent(layer):  # of an earlier version, or from the vault
            return self._answer(layer, Verdict.NOT_KNOWN, met)
        return LayerCoverage(layer, Verdict.NO_DATA)

    def _answer(self, layer: str, verdict: Verdict, rows: Sequence[Row], *, share: float = 0.0) -> LayerCoverage:
        ids = {row.source_id for row in rows}
        sources = tuple(source for source in self.sources if source.source_id in ids)
        return LayerCoverage(layer, verdict, sources, share, any(row.basis == Basis.DECLARED for row in rows))


def coverage_of(
    con: Connection, snapshots: Collection[tuple[str, dt.date]] | None = None, *, layers: Collection[str] = ()
) -> Coverage:
    """
    Read where the current snapshots of a map have data, or others: id of a source and its day.

    With `layers`, only where they have data of these: no other may be asked of.
    """
    sources = tuple(
        source
        for source in map_database.read_sources(con)
        if (source.is_current if snapshots is None else (source.source_id, source.snapshot_on) in snapshots)
    )
    meant = {(source.source_id, source.snapshot_on) for source in sources}
    tables = [INCIDENTS.name if name in KINDS else name for name in layers]
    rows = tuple(row for row in coverage.read_rows(con, tables) if (row.source_id, row.snapshot_on) in meant)
    if layers and not {INCIDENTS.name, *KINDS}.intersection(layers):
        return Coverage(rows, sources, map_database.holding(con))
    spans = tuple(record_queries.spans(con))
    return Coverage(rows, sources, map_database.holding(con), spans, unplaced_records(con))


def lacking(found: Coverage, layers: Sequence[str]) -> list[str]:
    """Give those of some layers of which the map has no data at all."""
    return [layer for layer in layers if found.lacks(layer)]


def without_false_zeros(counts: pd.Series, shares: pd.Series) -> pd.Series:
    """
    Leave a zero missing where its layer is not covered whole; what was found is on record, wherever it is.

    `shares` are of the ground that each count is of (0 to 1), row for row.
    """
    return counts.where((counts != 0) | (shares.to_numpy() >= ZERO))


def _share(grounds: Geometries, area: shapely.Geometry) -> float:
    """Tell which share of an area lies on some grounds together; what lies on one whole is not measured."""
    if shapely.area(area) > 0 and shapely.covers(grounds, area).any():
        return 1.0
    ground = areal(shapely.union_all(shapely.intersection(grounds, area)))
    shapes = np.array([ground, area])
    covered, whole = shapely.area(shapely.transform(with_geodesic_edges(shapes), project))
    return float(min(covered / whole, 1.0)) if whole > 0 else 0.0


def _shapes(rows: Sequence[Row]) -> Geometries:
    return np.array([row.geometry for row in rows], dtype=object)


def _met(rows: Sequence[Row], is_met: npt.NDArray[np.bool_]) -> list[Row]:
    """Give the rows that are met, and those without ground of their own: the source may have data anywhere."""
    return [row for row, met in zip(rows, is_met, strict=True) if met or row.geometry is None]


def _sure(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.extent == Extent.COVERED]

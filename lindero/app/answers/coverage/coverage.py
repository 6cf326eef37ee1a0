"""The three possible answers where the map shows nothing: none on record here, no data here, or not known.

This module is the only place of this rule. Code that finds nothing of a layer calls `Coverage.point_coverage` for a
place, `Coverage.disc_coverage` around a place, or `Coverage.area_coverage` for an area.
`app.answers.coverage.coverage_text` turns the answer into words. A zero is shown only where the answer `is_covered`.

A list of conflicts contains no information on attacks, and the reverse. The layer `incidents` is therefore answered by
kind, `ATTACKS` and `CONFLICTS`, each from the sources that have any. Where records without an exact place may belong,
the answer is not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.app.answers.record.unplaced import (
    ATTACKS,
    CONFLICTS,
    NO_RECORDS,
    NO_UNPLACED,
    Count,
    UnplacedCounts,
    UnplacedRecords,
    read_unplaced_records,
)
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, densify_edges, polygonal_part, project
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import disc
from lindero.layers.database import coverage, map_database
from lindero.layers.database.coverage import Basis, CoverageRow, Extent
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import record_queries
from lindero.layers.database.queries.record_queries import SourceSpan
from lindero.layers.model.schema import INCIDENTS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_MAX_WIDTH_DEGREES = 360  # degrees: a longer boundary runs round a pole or across the antimeridian
WHOLE_SHARE, ZERO = coverage.WHOLE_SHARE, coverage.ZERO
KINDS = (ATTACKS, CONFLICTS)


class Verdict(StrEnum):
    """The possible answers of a map where it shows nothing of a layer."""

    COVERED = "covered"  # none is on record here, and a source has data here
    NO_DATA = "no_data"  # no source has data here
    NOT_KNOWN = "not_known"  # a source has data in this region, but does not state whether here too
    NO_PLACE = "no_place"  # the subject of the question has no known place


@dataclass(frozen=True)
class LayerCoverage:
    """The verdict for one layer at a place or over an area."""

    layer: str
    verdict: Verdict
    sources: tuple[Source, ...] = ()  # sources with data there; if the verdict is `NOT_KNOWN`, those that may have data
    share: float = 0.0  # the covered part of the area (0 to 1)
    declared: bool = False  # declared for at least one source; otherwise it is proposed from the rows
    parts: tuple[LayerCoverage, ...] = ()  # for incidents, one for each kind, decided by the sources alone
    unplaced: UnplacedCounts = NO_UNPLACED  # for incidents, the records that may also be there

    @property
    def is_covered(self) -> bool:
        """Whether some of the area is covered, so that a count of recorded features may be shown."""
        return self.verdict is Verdict.COVERED

    @property
    def is_whole(self) -> bool:
        """Whether all of the area is covered, so that a zero or a share is true of all of it."""
        return self.is_covered and self.share >= ZERO

    @property
    def reference_date(self) -> dt.date | None:
        """The latest reference date of a covering source; None where no source states one."""
        return max((source.as_of for source in self.sources if source.as_of), default=None)

    def to_dict(self) -> dict[str, object]:
        """Convert the answer to a dictionary for JSON."""
        kinds = [replace(part, verdict=self._kind_verdict(part)).to_dict() for part in self.parts]
        by_kind = {"kinds": kinds, "known_without_exact_place": self.unplaced.to_dict()} if kinds else {}
        return {
            "layer": self.layer,
            "verdict": self.verdict.value,
            "share_covered": round(self.share, 4),
            "basis": (Basis.DECLARED if self.declared else Basis.PROPOSED).value if self.sources else None,
            "sources": [
                {"source_id": source.source_id, "publisher": source.publisher, "as_of": source.as_of}
                for source in self.sources
            ],
            **by_kind,
        }

    def _kind_verdict(self, part: LayerCoverage) -> Verdict:
        """Return the verdict of a kind: not known where its records without an exact place may be here."""
        return Verdict.NOT_KNOWN if self.unplaced.filter_kind(part.layer) else part.verdict

    @classmethod
    def from_parts(cls, layer: str, parts: Sequence[LayerCoverage], unplaced: UnplacedCounts) -> LayerCoverage:
        """Build the answer for several kinds: covered if each is, and no record without an exact place may be there."""
        whole = cls(layer, Verdict.NOT_KNOWN, parts=tuple(parts), unplaced=unplaced)
        verdicts = {whole._kind_verdict(part) for part in parts}
        return replace(
            whole,
            verdict=verdicts.pop() if len(verdicts) == 1 else Verdict.NOT_KNOWN,
            sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
            share=min(part.share for part in parts),
            declared=any(part.declared for part in parts),
        )


@dataclass(frozen=True)
class Coverage:
    """The areas where the current snapshots of a map have data, by layer."""

    rows: tuple[CoverageRow, ...]  # as returned by `database.coverage.read_coverage_rows`
    sources: tuple[Source, ...]
    holding: frozenset[str]  # tables with at least one row
    spans: tuple[SourceSpan, ...] = ()  # the kinds of incidents that each source has
    unplaced: UnplacedRecords = NO_RECORDS  # the records without an exact place

    @cached_property
    def _covered_areas(self) -> dict[str, shapely.Geometry]:
        """A cache of the covered area of each layer, filled as layers are requested."""
        return {}

    def exclude_sources(self, source_ids: Collection[str]) -> Coverage:
        """Return the coverage without the areas of some sources."""
        rows = tuple(row for row in self.rows if row.source_id not in source_ids)
        return replace(
            self, rows=rows, sources=tuple(source for source in self.sources if source.source_id not in source_ids)
        )

    def has_no_data(self, layer: str) -> bool:
        """Return whether the map has no data of a layer at all."""
        return not self._has_features(layer) and not self.select_rows(layer) and not self._list_sources(layer)

    def depends_on_place(self, layers: Iterable[str]) -> bool:
        """Return whether the answer for any of some layers differs from place to place."""
        return bool(self.unplaced.groups) or any(map(self.select_rows, layers))

    def point_coverage(self, layer: str, lat: float, lon: float) -> LayerCoverage:
        """Return the answer for a place."""
        return self._combine_kinds(
            layer, lambda kind: self._point_coverage(kind, lat, lon), lambda: self.unplaced.count_at_position(lat, lon)
        )

    def _point_coverage(self, layer: str, lat: float, lon: float) -> LayerCoverage:
        rows = self.select_rows(layer)
        met = _select_met_rows(rows, shapely.contains(_row_shapes(rows), shapely.Point(lon, lat)))
        if sure := _covered_rows(met):
            return self._build_coverage(layer, Verdict.COVERED, sure, share=1.0)
        return self._uncertain_coverage(layer, met)

    def disc_coverage(self, layer: str, lat: float, lon: float, *, within_km: float) -> LayerCoverage:
        """Return the answer for the area within a distance of a place."""
        return self.disc_coverages([layer], lat, lon, within_km=within_km)[layer]

    def disc_coverages(
        self, layers: Iterable[str], lat: float, lon: float, *, within_km: float
    ) -> dict[str, LayerCoverage]:
        """Return the answer of each layer for the area within a distance of a place."""
        area = disc(lon, lat, within_km * M_PER_KM)
        if area.is_valid and area.length < _MAX_WIDTH_DEGREES:
            return {layer: self.area_coverage(layer, area) for layer in layers}
        return {layer: self.point_coverage(layer, lat, lon) for layer in layers}

    def area_coverage(self, layer: str, area: shapely.Geometry) -> LayerCoverage:
        """Return the answer for an area, given as polygons in degrees."""
        return self._combine_kinds(
            layer, lambda kind: self._area_coverage(kind, area), lambda: self.unplaced.count_in_area(area)
        )

    def region_coverage(self, layer: str, area: shapely.Geometry, *, country: str, region: str = "") -> LayerCoverage:
        """Return the answer for a country, or one of its regions, by its code. `area` is its polygon in degrees."""
        if region:  # records known only by region are inside; those with a vaguer place may be
            open_records = replace(self.unplaced.count_in_region(region), in_region=Count())
        else:
            open_records = replace(self.unplaced.count_in_country(country), in_country=Count())
        return self._combine_kinds(layer, lambda kind: self._area_coverage(kind, area), lambda: open_records)

    def _area_coverage(self, layer: str, area: shapely.Geometry) -> LayerCoverage:
        rows = self.select_rows(layer)
        met = _select_met_rows(rows, shapely.intersects(_row_shapes(rows), area))
        sure = _covered_rows(met)
        if (share := _covered_share(_row_shapes(sure), area)) > 0:
            return self._build_coverage(layer, Verdict.COVERED, sure, share=share)
        return self._uncertain_coverage(layer, met)

    def place_coverage(
        self, features: Sequence[Mapping[Any, Any]], layers: Sequence[str], lat: float, lon: float
    ) -> dict[str, LayerCoverage]:
        """Return the answer for each layer at a place. `features` (`layer`, `source_id`) are what was found there."""
        answers = {}
        for layer in layers:
            found_ids = {row["source_id"] for row in features if row["layer"] == layer}
            answer = self.point_coverage(layer, lat, lon)
            if found_ids:  # features on record prove data here, even if their source does not state it
                ids = found_ids | ({covering.source_id for covering in answer.sources} if answer.is_covered else set())
                sources = tuple(source for source in self.sources if source.source_id in ids)
                answer = LayerCoverage(layer, Verdict.COVERED, sources, 1.0, answer.declared)
            answers[layer] = answer
        return answers

    def measure_shapes(self, layer: str, shapes: gpd.GeoSeries) -> pd.DataFrame:
        """Return `verdict` and `share` (0 to 1; a point 0 or 1) by index of shapes in degrees; missing: `NO_PLACE`."""
        import pandas as pd

        verdict, share = self.shape_verdicts(layer, shapes.to_numpy())
        return pd.DataFrame({"verdict": verdict, "share": share}, index=shapes.index)

    def shape_verdicts(self, layer: str, areas: Geometries) -> tuple[npt.NDArray[np.str_], Floats]:
        """Return an array of verdicts and one of shares (0 to 1) for shapes in degrees. pandas is not imported."""
        layer = ATTACKS if layer == INCIDENTS.name else layer  # attacks are the records that tables count
        covered_area = prepared_copy(self.covered_area(layer))
        inside = shapely.covers(covered_area, areas)
        is_partial = shapely.intersects(covered_area, areas) & ~inside
        share = inside.astype(float)
        size = np.maximum(shapely.area(areas[is_partial]), np.finfo(float).tiny)  # square degrees: only for a ratio
        share[is_partial] = np.minimum(shapely.area(shapely.intersection(areas[is_partial], covered_area)) / size, 1.0)
        rows = self.select_rows(layer)
        bare = np.flatnonzero(share == 0)  # only these may have `NOT_KNOWN` as the answer
        bare_index, _of = shapely.STRtree(_row_shapes(rows)).query(areas[bare], predicate="intersects")
        unknown = np.isin(np.arange(len(areas)), bare[bare_index])
        unknown |= any(row.geometry is None for row in rows) or (self._has_features(layer) and not rows)
        verdict = np.where(share > 0, Verdict.COVERED, np.where(unknown, Verdict.NOT_KNOWN, Verdict.NO_DATA))
        verdict[shapely.is_missing(areas)] = Verdict.NO_PLACE
        return verdict, share

    def land_coverages(self, layer: str, shapes: gpd.GeoSeries) -> list[LayerCoverage]:
        """Return the answer for each of many lands in degrees: polygons, or points where no boundary is known."""
        import pandas as pd

        if layer == INCIDENTS.name or layer in KINDS:
            return [self._land_coverage(layer, shape) for shape in shapes]
        areas = shapes.to_numpy()
        rows = self.select_rows(layer)
        sure = _covered_rows(rows)
        ground = prepared_copy(self.covered_area(layer))
        inside = shapely.covers(ground, areas) & (shapely.get_dimensions(areas) == 2)  # noqa: PLR2004  areas
        land, source = shapely.STRtree(_row_shapes(sure)).query(areas, predicate="intersects")
        met = pd.Series(source).groupby(land).indices
        anywhere = [position for position, row in enumerate(sure) if row.geometry is None]
        rows_by_land = {
            position: [sure[index] for index in np.union1d(source[found_rows], anywhere).astype(int)]
            for position, found_rows in met.items()
        }
        near, _of = shapely.STRtree(_row_shapes(rows)).query(areas, predicate="intersects")
        is_near = np.isin(np.arange(len(areas)), near) | any(row.geometry is None for row in rows)
        nothing = self._uncertain_coverage(layer, [])
        return [
            self._build_coverage(layer, Verdict.COVERED, rows_by_land[position], share=1.0)
            if inside[position]
            else self._land_coverage(layer, shape)
            if is_near[position] or shape is None
            else nothing
            for position, shape in enumerate(areas)
        ]

    def _land_coverage(self, layer: str, shape: shapely.Geometry | None) -> LayerCoverage:
        if shape is None:
            return LayerCoverage(layer, Verdict.NO_PLACE)
        return (
            self.point_coverage(layer, shape.y, shape.x)
            if isinstance(shape, shapely.Point)
            else self.area_coverage(layer, shape)
        )

    def covered_area(self, layer: str, *, only_declared: bool = False) -> shapely.Geometry:
        """Return the covered area of a layer as one geometry in degrees; empty if there is none."""
        if only_declared:
            return polygonal_part(
                shapely.union_all(
                    _row_shapes([row for row in _covered_rows(self.select_rows(layer)) if row.basis == Basis.DECLARED])
                )
            )
        if layer not in self._covered_areas:
            self._covered_areas[layer] = polygonal_part(
                shapely.union_all(_row_shapes(_covered_rows(self.select_rows(layer))))
            )
        return self._covered_areas[layer]

    def select_rows(self, layer: str) -> list[CoverageRow]:
        """Return the rows of a layer; for a kind of incidents, those of the sources that have any of it."""
        if layer in KINDS:
            ids = self._source_ids(layer)
            return [row for row in self.rows if row.layer == INCIDENTS.name and row.source_id in ids]
        return [row for row in self.rows if row.layer == layer]

    def _combine_kinds(
        self, layer: str, measure_kind: Callable[[str], LayerCoverage], count_unplaced: Callable[[], UnplacedCounts]
    ) -> LayerCoverage:
        """Return the answer for a layer; for incidents, with records without an exact place that may be there."""
        if layer != INCIDENTS.name and layer not in KINDS:
            return measure_kind(layer)
        kinds = self.list_kinds() if layer == INCIDENTS.name else [layer]
        unplaced_counts = count_unplaced()
        return LayerCoverage.from_parts(
            layer,
            list(map(measure_kind, kinds)),
            unplaced_counts.filter_kind(layer) if layer in KINDS else unplaced_counts,
        )

    def _source_ids(self, kind: str) -> frozenset[str]:
        """Return the ids of the sources that have any incident of a kind."""
        return frozenset(span.source_id for span in self.spans if (span.attacks if kind == ATTACKS else span.conflicts))

    def is_silent(self, layer: str) -> bool:
        """Return whether the map has features of a layer, but no source states where it has data."""
        return self._has_features(layer) and not self.select_rows(layer)

    def list_kinds(self) -> list[str]:
        """Return the kinds of incidents that are answered one by one: attacks always, conflicts if there are any."""
        return [kind for kind in KINDS if kind == ATTACKS or self._source_ids(kind)]

    def _has_features(self, layer: str) -> bool:
        return bool(self._source_ids(layer)) if layer in KINDS else layer in self.holding

    def cite_sources(self, layers: Iterable[str]) -> tuple[Source, ...]:
        """Return the sources that have rows of some layers or kinds of incidents, in the order of the map."""
        cited = {(source.source_id, source.layer) for layer in layers for source in self._list_sources(layer)}
        return tuple(source for source in self.sources if (source.source_id, source.layer) in cited)

    def _list_sources(self, layer: str) -> list[Source]:
        ids = (
            self._source_ids(layer)
            if layer in KINDS
            else {candidate.source_id for candidate in self.sources if candidate.layer == layer}
        )
        return [source for source in self.sources if source.source_id in ids]

    def _uncertain_coverage(self, layer: str, met: Sequence[CoverageRow]) -> LayerCoverage:
        """Return the answer of no sure source: `NOT_KNOWN` if one may cover or none states its area, else `NO_DATA`."""
        if met or self.is_silent(layer):  # silent: rows of the vault
            return self._build_coverage(layer, Verdict.NOT_KNOWN, met)
        return LayerCoverage(layer, Verdict.NO_DATA)

    def _build_coverage(
        self, layer: str, verdict: Verdict, rows: Sequence[CoverageRow], *, share: float = 0.0
    ) -> LayerCoverage:
        ids = {row.source_id for row in rows}
        sources = tuple(source for source in self.sources if source.source_id in ids)
        return LayerCoverage(layer, verdict, sources, share, any(row.basis == Basis.DECLARED for row in rows))


def read_coverage(
    con: Connection, snapshots: Collection[tuple[str, dt.date]] | None = None, *, layers: Collection[str] = ()
) -> Coverage:
    """Read where the current snapshots of a map have data, or other snapshots, given as source ids and dates.

    With `layers`, only the coverage of these layers is read, and the result must not be asked about others.
    """
    sources = tuple(
        source
        for source in map_database.read_sources(con)
        if (source.is_current if snapshots is None else (source.source_id, source.snapshot_on) in snapshots)
    )
    meant = {(source.source_id, source.snapshot_on) for source in sources}
    tables = [INCIDENTS.name if name in KINDS else name for name in layers]
    rows = tuple(row for row in coverage.read_coverage_rows(con, tables) if (row.source_id, row.snapshot_on) in meant)
    if layers and not {INCIDENTS.name, *KINDS}.intersection(layers):
        return Coverage(rows, sources, map_database.find_nonempty_tables(con))
    spans = tuple(record_queries.read_source_spans(con))
    return Coverage(rows, sources, map_database.find_nonempty_tables(con), spans, read_unplaced_records(con))


def find_missing_layers(covered: Coverage, layers: Sequence[str]) -> list[str]:
    """Return those of some layers that the map has no data of at all."""
    return [layer for layer in layers if covered.has_no_data(layer)]


def mask_false_zeros(counts: pd.Series, shares: pd.Series) -> pd.Series:
    """Replace each zero whose covered share (0 to 1, row for row) is not whole by a missing value; others stay."""
    return counts.where((counts != 0) | (shares.to_numpy() >= ZERO))


def _covered_share(grounds: Geometries, area: shapely.Geometry) -> float:
    """Return the share of an area that several areas cover together. It is 1 if one of them contains the area."""
    if not len(grounds):
        return 0.0
    if shapely.area(area) > 0 and shapely.covers(grounds, area).any():
        return 1.0
    ground = polygonal_part(shapely.union_all(shapely.intersection(grounds, area)))
    shapes = np.array([ground, area])
    covered, whole = shapely.area(shapely.transform(densify_edges(shapes), project))
    return float(min(covered / whole, 1.0)) if whole > 0 else 0.0


def _row_shapes(rows: Sequence[CoverageRow]) -> Geometries:
    return np.array([row.geometry for row in rows], dtype=object)


def _select_met_rows(rows: Sequence[CoverageRow], is_met: npt.NDArray[np.bool_]) -> list[CoverageRow]:
    """Return the rows that are met, and those without a geometry, because their source may have data anywhere."""
    return [row for row, met in zip(rows, is_met, strict=True) if met or row.geometry is None]


def _covered_rows(rows: Sequence[CoverageRow]) -> list[CoverageRow]:
    return [row for row in rows if row.extent == Extent.COVERED]

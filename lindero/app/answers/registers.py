"""Registers of the same things: how to detect them, and how to choose one, so that their rows are never summed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from lindero.app.answers.coverage.coverage import Coverage, read_coverage
from lindero.app.answers.overlap.row_selection import Condition
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, join_texts, ngettext
from lindero.geo.geometry.projection import is_polygonal
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.database.queries import map_queries
from lindero.layers.database.queries.map_queries import RegisterEntry
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import LAYERS, REGIONS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.publish.rules import default_title
from lindero.layers.workspace.manifest_file import to_slug

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Box = Sequence[float]  # west, south, east and north in degrees; NaN if unknown
CodeAndZone = tuple[str, str | None]  # code and zone, because a park and its buffer zone have the same code
_SHARED, _FEWEST_SHARED = 0.5, 3  # share and number of common codes that make two sources the same register
_SAME_GROUND = 0.5  # share of a source's area inside other sources from which it repeats them


def check_one_register(layer: Layer, entries: Sequence[RegisterEntry]) -> None:
    """Check that no two sources of a layer are registers of the same things, which would be summed."""
    for source, other_source, shared in find_duplicate_registers(entries):
        raise AnswerError(
            N_(
                "{one} and {other} are two registers of {layer} with {count} codes in common, which "
                "would be counted twice. Choose one as the source, or remove one with lindero remove"
            ),
            one=source,
            other=other_source,
            layer=layer.name,
            count=shared,
        )


def check_one_level(layer: Layer, rows: pd.DataFrame) -> None:
    """Check that regions are of one level. A province is part of its department, and both would be counted."""
    levels = list_levels(layer, rows["level"].dropna() if "level" in rows else ())
    if len(levels) > 1:
        text = N_(
            "the regions have several levels, one inside another: {levels}; choose one, for example level={level}"
        )
        raise AnswerError(text, levels=", ".join(levels), level=levels[0])


def list_levels(layer: Layer, stated: Iterable[object]) -> tuple[str, ...]:
    """Return the levels of the rows of the regions layer, the widest first; empty for other layers."""
    stated_levels = set(stated) if layer is REGIONS else set()
    return tuple(level for level in VOCABULARIES["region_level"] if level in stated_levels)


def entries(rows: gpd.GeoDataFrame) -> list[RegisterEntry]:
    """Return the register entries of a layer's rows; empty if all come from one source, which has no duplicates."""
    if len(rows["source_id"].unique()) <= 1:
        return []
    columns = [
        rows[name].astype(object).where(rows[name].notna(), None) if name in rows else [None] * len(rows)
        for name in RegisterEntry._fields[:-1]
    ]
    boxes = rows.geometry.bounds if "geometry" in rows else rows[["xmin", "ymin", "xmax", "ymax"]]
    return [RegisterEntry(*values) for values in zip(*columns, boxes.to_numpy(dtype=float).tolist(), strict=True)]


def find_duplicate_registers(rows: Iterable[RegisterEntry]) -> Iterator[tuple[str, str, int]]:
    """Yield the pairs of sources of a layer that are registers of the same things, and their number of shared codes."""
    registers: dict[str, dict[CodeAndZone, list[Box]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.code is not None:
            registers[row.source_id][row.code, row.zone].append(row.box)
    for (source, ours), (other_source, theirs) in combinations(sorted(registers.items()), 2):
        shared = len(
            {
                code_and_zone[0]
                for code_and_zone in ours.keys() & theirs.keys()
                if _boxes_intersect(ours[code_and_zone], theirs[code_and_zone])
            }
        )
        fewest = min(len({code for code, _zone in register}) for register in (ours, theirs))
        if shared >= max(_FEWEST_SHARED, _SHARED * fewest):
            yield source, other_source, shared


def _boxes_intersect(ours: Iterable[Box], theirs: Iterable[Box]) -> bool:
    """Return whether any two bounding boxes intersect. An unknown box intersects every box."""
    return any(not (a[2] < b[0] or a[0] > b[2] or a[3] < b[1] or a[1] > b[3]) for a, b in product(ours, theirs))


def find_repeating_sources(rows: Collection[RegisterEntry]) -> dict[str, str]:
    """Return the sources to leave out so that nothing is counted twice.

    Each has as its value the source with more rows that has the same things.
    """
    sizes = Counter(row.source_id for row in rows)
    doubled = {frozenset(pair) for *pair, _shared in find_duplicate_registers(rows)}
    chosen: list[str] = []
    excluded: dict[str, str] = {}
    for source in sorted(sizes, key=lambda candidate: (-sizes[candidate], candidate)):
        repeated_by = next((candidate for candidate in chosen if {candidate, source} in doubled), None)
        if repeated_by is None:
            chosen.append(source)
        else:
            excluded[source] = repeated_by
    return excluded


@dataclass(frozen=True)
class CountedRows:
    """The selection of rows of a layer in which nothing is counted twice."""

    level: str = ""  # level of the regions if the map has several levels; otherwise empty
    levels: tuple[str, ...] = ()  # levels that are left out
    left_out: Mapping[str, str] = field(default_factory=dict)  # sources left out, each with the source that it repeats
    ids: frozenset[str] = frozenset()  # ids of the rows that are left out

    @classmethod
    def from_entries(cls, layer: Layer, rows: Collection[RegisterEntry]) -> CountedRows:
        """Choose the widest level, and of registers of the same things the one with most rows."""
        level, *other_levels = list_levels(layer, (row.level for row in rows)) or ("",)
        repeating_sources = find_repeating_sources([row for row in rows if not other_levels or row.level == level])
        ids = frozenset(
            row.id for row in rows if (other_levels and row.level != level) or row.source_id in repeating_sources
        )
        return cls(level if other_levels else "", tuple(other_levels), repeating_sources, ids)

    @classmethod
    def from_map(cls, con: Connection, layer: Layer) -> CountedRows:
        """Choose from all current rows of a layer."""
        return cls.from_sources(con, layer, map_database.read_sources(con))

    @classmethod
    def from_sources(cls, con: Connection, layer: Layer, sources: Iterable[Source]) -> CountedRows:
        """Choose from all rows of a layer in current `sources`.

        The rows are read only if there are several such sources, or if the layer is regions.
        """
        layer_sources = {source.source_id for source in sources if source.is_current and source.layer == layer.name}
        return (
            cls.from_entries(layer, map_queries.read_register_entries(con, layer))
            if layer is REGIONS or len(layer_sources) > 1
            else ALL_ROWS
        )

    def to_conditions(self) -> tuple[Condition, ...]:
        """Return the conditions that select these rows."""
        levels = [Condition("level", "=", self.level)] if self.level else []
        return (*levels, *(Condition("source_id", "!=", source) for source in self.left_out))

    def sentences(self) -> list[str]:
        """Return sentences on the sources and levels that are left out, and why."""
        text = _("{source} repeats the data of {other} and is left out, so that nothing is counted twice.")
        lines = [
            text.format(source=escape_markdown(source), other=escape_markdown(other_source))
            for source, other_source in self.left_out.items()
        ]
        if self.level:
            of_level = _("Only regions of one level are counted ({level}). Left out: {levels}.")
            level_names = join_texts([translate_code(level) for level in self.levels])
            lines.append(of_level.format(level=translate_code(self.level), levels=level_names))
        return lines


ALL_ROWS = CountedRows()  # nothing is left out
REGISTERED = ("concessions", "communities", "protected_areas")  # layers of answers about a place or a map


@dataclass(frozen=True)
class Registers:
    """The selection of rows of a map's layers, by layer, in which nothing is counted twice."""

    counted_rows: Mapping[str, CountedRows]

    @classmethod
    def from_map(cls, con: Connection, layers: Collection[str] = REGISTERED) -> Registers:
        """Choose from all current rows of some layers."""
        sources = map_database.read_sources(con)
        return cls(
            {name: CountedRows.from_sources(con, LAYERS[name], sources) for name in REGISTERED if name in layers}
        )

    def is_counted(self, layer: str, id_: str) -> bool:
        """Return whether a feature is counted."""
        return id_ not in self.counted_rows.get(layer, ALL_ROWS).ids

    def filter_layer(self, layer: str, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the rows of one layer without those that repeat another register."""
        excluded_ids = self.counted_rows.get(layer, ALL_ROWS).ids
        return rows[~rows["id"].isin(excluded_ids)].reset_index(drop=True) if excluded_ids else rows

    def filter_rows(self, rows: list[dict[str, object]]) -> list[dict[str, object]]:
        """Return rows with `layer` and `id` without those that repeat another register."""
        return [row for row in rows if self.is_counted(str(row["layer"]), str(row["id"]))]

    def read_coverage(self, con: Connection, layers: Collection[str] = ()) -> Coverage:
        """Read the coverage of the counted sources, for some layers or all. Sources left out do not justify a zero."""
        return self.exclude_left_out(read_coverage(con, layers=layers))

    def exclude_left_out(self, covered: Coverage) -> Coverage:
        """Return the coverage without that of the sources that are left out."""
        excluded = self.list_left_out()
        return covered.exclude_sources(excluded) if excluded else covered

    def list_left_out(self) -> dict[str, str]:
        """Return the sources that are left out, each with the source that has the same things."""
        return {
            source: other_source
            for selection in self.counted_rows.values()
            for source, other_source in selection.left_out.items()
        }

    def sentences(self) -> list[str]:
        """Return sentences on the sources and levels that are left out, and why."""
        return [line for selection in self.counted_rows.values() for line in selection.sentences()]


@dataclass(frozen=True)
class RegionLevel:
    """The regions of one level from the sources `chosen`. The sources in `left_out` have the same areas."""

    rows: gpd.GeoDataFrame
    chosen: tuple[str, ...]
    left_out: tuple[str, ...]

    def sentence(self) -> str:
        """Return a sentence on the sources that are left out; empty if there are none."""
        if not self.left_out:
            return ""
        text = ngettext(
            "The areas come from {chosen}; {left} repeats them and is left out.",
            "The areas come from {chosen}; {left} repeat them and are left out.",
            len(self.left_out),
        )
        return text.format(chosen=join_texts(self.chosen), left=join_texts(self.left_out))


def read_regions(con: Connection, level: str, *, source: str = "") -> RegionLevel:
    """Read the map's regions of a level, each area once. Of sources with the same areas, the largest is used."""
    all_rows = map_database.read_layer(con, REGIONS, where={"level": level})
    sizes = all_rows["source_id"].value_counts()
    if source and source not in sizes.index:
        names = ", ".join(sorted(sizes.index)) or "-"
        text = N_("{source} has no regions of the level {level}; choose a source that has them: {known}")
        raise AnswerError(text, source=source, level=level, known=names)
    ordered = [source] if source else sorted(sizes.index, key=lambda candidate: (-sizes[candidate], candidate))
    chosen: list[str] = []
    for candidate in ordered:
        candidate_rows, chosen_rows = (
            all_rows[all_rows["source_id"].isin(source_ids)] for source_ids in ([candidate], chosen)
        )
        if _share_inside(candidate_rows, chosen_rows) < _SAME_GROUND:
            chosen.append(candidate)
    excluded = tuple(sorted(set(sizes.index) - set(chosen)))
    return RegionLevel(all_rows[all_rows["source_id"].isin(chosen)].reset_index(drop=True), tuple(chosen), excluded)


def _share_inside(areas: gpd.GeoDataFrame, other_areas: gpd.GeoDataFrame) -> float:
    """Return the share of some areas with an inner point in any of the others."""
    if other_areas.empty or areas.empty:
        return 0.0
    shapes = areas.geometry.to_numpy()
    middles = shapely.point_on_surface(shapes[is_polygonal(shapes)])
    positions, _to = shapely.STRtree(other_areas.geometry.to_numpy()).query(middles, predicate="within")
    return len(np.unique(positions)) / len(areas)


def published_title(title: object, file_name: object, layer: str, publisher: str) -> str:
    """Return the title of a source as it is published: the name of a received file is never one."""
    if is_missing(title) or to_slug(str(title)) == to_slug(Path(str(file_name)).stem):
        return default_title(layer, publisher)
    return str(title)
